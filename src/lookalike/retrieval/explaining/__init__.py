"""Why a match is a match: which places of the two photos agree, and in what."""
