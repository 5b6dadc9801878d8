"""Questions to one `Timeline`, or to several."""
