"""What happens when something breaks: real processes, real files, real faults (`make faults`)."""
