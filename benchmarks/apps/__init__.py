"""One module for each framework; each has the functions that `Candidate` names."""
