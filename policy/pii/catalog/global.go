package catalog

// global are rows of no single country.
var global = []Row{}
