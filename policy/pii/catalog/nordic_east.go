package catalog

// nordicEast are rows of Northern, Central and Eastern Europe, Russia and its neighbours, Türkiye, Israel, and the Arab world.
var nordicEast = []Row{}
