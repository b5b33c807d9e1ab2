package catalog

import "slices"

// europe are rows of Western Europe; those of its German and Dutch speaking
// countries stand with Central Europe.
var europe = slices.Concat(britain, ireland, france, spain, portugal, italy)
