package catalog

// europe are rows of Western Europe.
var europe = []Row{}
