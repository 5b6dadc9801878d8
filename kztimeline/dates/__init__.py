"""What is known of a day: EDTF dates, their words, and what is mistaken in others."""
