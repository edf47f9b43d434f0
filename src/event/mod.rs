//! Use cases, events, the field catalogue (data: `catalogue.yaml`), and fixtures.

mod assignment;
mod catalogue;
mod fixture;
mod json;

pub use assignment::Assignments;
pub use catalogue::{Catalogue, Event, Field, Fields, Origin, Type};
pub use fixture::Fixture;

/// The event of an action node of a conversation script (the name is hookctl's), which holds the customer up (published).
pub const ACTION: &str = "conversation_script.action";

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

impl UseCase {
    /// All of them.
    pub const ALL: [UseCase; 5] =
        [UseCase::Contact, UseCase::Ticket, UseCase::Conversation, UseCase::File, UseCase::Employee];

    /// As scripts write it.
    pub fn name(self) -> &'static str {
        match self {
            UseCase::Contact => "contact",
            UseCase::Ticket => "ticket",
            UseCase::Conversation => "conversation",
            UseCase::File => "file",
            UseCase::Employee => "employee",
        }
    }

    /// The use case of that name.
    pub fn from_name(name: &str) -> Option<UseCase> {
        Self::ALL.into_iter().find(|use_case| use_case.name() == name)
    }
}

impl std::fmt::Display for UseCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
