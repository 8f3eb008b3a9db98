"""What changes of objects mean, in words: who may talk, who may do what, what restarts, grows, or goes."""
