package catalog

import "slices"

// americas are rows of the Americas, north to south.
var americas = slices.Concat(unitedStates, canada, mexico, brazil, southCone, andes, caribbean, centralAmerica, latinAmerica)
