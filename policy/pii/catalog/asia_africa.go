package catalog

import "slices"

// asiaAfrica are rows of South, East and South East Asia, Africa south of the Sahara and Oceania.
var asiaAfrica = slices.Concat(india, southAsia, eastAsia, korea, southEastAsia, malayArchipelago, oceania,
	southAfrica, eastAfrica, westAfrica, francophoneAfrica)
