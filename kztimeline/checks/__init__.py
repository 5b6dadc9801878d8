"""What is wrong in a record or worth a look, each code with its manual."""
