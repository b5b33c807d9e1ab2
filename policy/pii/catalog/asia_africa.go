package catalog

// asiaAfrica are rows of South, East and South East Asia, Africa south of the Sahara and Oceania.
var asiaAfrica = []Row{}
