"""What shopctl's speed is promised to be, measured against a floor in the same run (``make bench``)."""
