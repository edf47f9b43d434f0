//! PHP's dates: `date()` formats, the phrases that `strtotime` reads, intervals.
