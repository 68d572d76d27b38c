//! L4a and the rest of what one process can see.
