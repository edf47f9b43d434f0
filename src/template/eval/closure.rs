/// An arrow function together with the variables that it saw when it was made.
#[derive(Debug)]
pub struct Closure {}
