//! The derives and attribute macros of sprag.
