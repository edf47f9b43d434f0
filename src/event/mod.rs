//! Use cases, events, the field catalogue (data: `catalogue.yaml`), and fixtures.

/// The use case of a script: chosen at creation, decides what data its placeholders can read (published).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseCase {
    /// "Contact", in the console's automation rules "Customer".
    Contact,
    /// "Ticket".
    Ticket,
    /// "Conversation record".
    Conversation,
    /// "File".
    File,
    /// "Employee".
    Employee,
}
