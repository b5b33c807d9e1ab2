package catalog

import "slices"

// nordicEast are rows of Northern, Central and Eastern Europe, Russia and its neighbours, Türkiye, Israel, and the Arab world.
var nordicEast = slices.Concat(
	german, alpine, benelux, centralEurope, hungary, balkans, yugoslavia, scandinavia, nordic, baltic, eastern, caucasus,
	mideast, gulf, maghreb)
