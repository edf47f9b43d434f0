//! The mock receiver and its behaviours.
