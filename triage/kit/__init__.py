"""The stick: a folder that holds everything triage needs, for machines without Python and without a network."""
