//! The rules, one file a group; scripts in, findings out. Prints nothing.
