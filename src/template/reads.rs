//! What a template can read, known without running it.

use super::Read;
use super::ast::Program;

/// Every variable path, in the order of the text.
pub fn reads(_program: &Program) -> Vec<Read> {
    Vec::new()
}
