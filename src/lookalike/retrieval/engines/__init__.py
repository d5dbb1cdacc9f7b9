"""Search beyond one machine: engines that exist and are trusted, behind the interface of our own."""
