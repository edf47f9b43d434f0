//! What events there are and what their data holds: `catalogue.yaml`, and a customer's own fields on top.

use std::borrow::Cow;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::UseCase;

/// Fields by name, in the catalogue's order.
pub type Fields = IndexMap<String, Field, RandomState>;

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The platform's documentation or API names it.
    Published,
    /// The platform does not say; a user would expect it.
    Assumed,
    /// hookctl.yaml's `fields:` says so.
    Configured,
}

/// A field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// true or false
    Boolean,
    /// A day.
    Date,
    /// A point in time.
    Datetime,
    /// A list; `Field::items` has the type of its items, where that is known.
    List,
    /// A mapping; `Field::fields` has what is known of it.
    Object,
}

/// A variable, or a field of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// An event can come without it, or with null.
    #[serde(default)]
    pub nullable: bool,
    /// Who says so.
    #[serde(default = "configured")]
    pub source: Origin,
    /// A few words: the unit, when it is there.
    #[serde(default)]
    pub about: Option<String>,
    /// A list's item type; none: not known.
    #[serde(default)]
    pub items: Option<Type>,
    /// An object's fields; empty: not known.
    #[serde(default)]
    pub fields: Fields,
    /// What a code's values mean.
    #[serde(default)]
    pub values: IndexMap<i64, String>,
    /// Names that people expect for it and that the platform doesn't use.
    #[serde(default)]
    pub instead_of: Vec<String>,
}

fn configured() -> Origin {
    Origin::Configured
}

/// What fires a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The use cases whose scripts it can fire.
    pub use_cases: Vec<UseCase>,
    /// Who says so.
    pub source: Origin,
    /// Fires many times a conversation.
    #[serde(default)]
    pub frequent: bool,
    /// Variables besides the use case's.
    #[serde(default)]
    pub variables: Fields,
    /// A prefix and the root whose fields follow it: `contact_` and a contact's field.
    #[serde(default)]
    pub prefixes: IndexMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseCaseData {
    reads: Vec<String>,
}

/// The known use cases, events and fields. One is built in ([`Catalogue::builtin`]); a project's has its own fields
/// too.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    use_cases: IndexMap<UseCase, UseCaseData, RandomState>,
    events: IndexMap<String, Event, RandomState>,
    roots: Fields,
}

/// The file has a root's fields directly; that every root is an object goes without saying there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    use_cases: IndexMap<UseCase, UseCaseData, RandomState>,
    events: IndexMap<String, Event, RandomState>,
    roots: IndexMap<String, Fields>,
}

static BUILTIN: LazyLock<Catalogue> = LazyLock::new(|| {
    // The text is part of the program, and a test reads it: it can't fail at a user's.
    let file: CatalogueFile =
        serde_yaml::from_str(include_str!("catalogue.yaml")).unwrap_or_else(|e| panic!("catalogue.yaml: {e}"));
    let roots = file.roots.into_iter().map(|(name, fields)| (name, Field::object(fields))).collect();
    Catalogue { use_cases: file.use_cases, events: file.events, roots }
});

impl Field {
    /// An entry of this list, whose entries are of that type; `fields` are those of its objects.
    pub fn item(&self, ty: Type) -> Field {
        let fields = if ty == Type::Object { self.fields.clone() } else { Fields::default() };
        Field { ty, source: self.source, ..Field::object(fields) }
    }

    /// One of that type that hookctl.yaml declares, there in every event.
    pub fn configured(ty: Type) -> Field {
        Field { ty, source: Origin::Configured, ..Field::object(Fields::default()) }
    }

    /// The field of this object that a name stands for which people expect and the platform doesn't use.
    pub fn renamed(&self, name: &str) -> Option<(&str, &Field)> {
        let field = self.fields.iter().find(|(_, field)| field.instead_of.iter().any(|guess| guess == name));
        field.map(|(name, field)| (name.as_str(), field))
    }

    /// An object of these fields, there in every event.
    fn object(fields: Fields) -> Self {
        Field {
            ty: Type::Object,
            nullable: false,
            source: Origin::Assumed,
            about: None,
            items: None,
            fields,
            values: IndexMap::new(),
            instead_of: Vec::new(),
        }
    }
}

impl Catalogue {
    /// The one that is built in, read on first use.
    pub fn builtin() -> &'static Catalogue {
        &BUILTIN
    }

    /// This one with a customer's own fields (by root) added, or changed where they are there already.
    pub fn extended(&self, fields: impl IntoIterator<Item = (String, Fields)>) -> Catalogue {
        let mut catalogue = self.clone();
        for (root, own) in fields {
            let known = catalogue.roots.entry(root).or_insert_with(|| Field::object(Fields::default()));
            known.fields.extend(own);
        }
        catalogue
    }

    /// This one with the variables that a project's conversation scripts pass along by names of their own (published
    /// that they do): an action node's event brings them, besides its own or in place of them.
    pub fn with_variables(&self, variables: Fields) -> Catalogue {
        let mut catalogue = self.clone();
        if let Some(action) = catalogue.events.get_mut(super::ACTION) {
            action.variables.extend(variables);
        }
        catalogue
    }

    /// The event of that name.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.get(name)
    }

    /// All events with their names, in the platform's order.
    pub fn events(&self) -> impl Iterator<Item = (&str, &Event)> {
        self.events.iter().map(|(name, event)| (name.as_str(), event))
    }

    /// The names of the events that can fire a script of that use case.
    pub fn events_of(&self, use_case: UseCase) -> impl Iterator<Item = &str> {
        self.events().filter(move |(_, event)| event.use_cases.contains(&use_case)).map(|(name, _)| name)
    }

    /// The variable `name`, as a script of that use case can read it. `event` adds that event's own variables.
    pub fn root(&self, use_case: UseCase, event: Option<&str>, name: &str) -> Option<Cow<'_, Field>> {
        if self.reads(use_case).any(|root| root == name) {
            return self.roots.get(name).map(Cow::Borrowed);
        }
        let event = self.event(event?)?;
        if let Some(variable) = event.variables.get(name) {
            return Some(Cow::Borrowed(variable));
        }
        event.prefixes.iter().find_map(|(prefix, root)| {
            let field = self.roots.get(root)?.fields.get(name.strip_prefix(prefix.as_str())?)?;
            Some(Cow::Owned(Field { nullable: true, ..field.clone() }))
        })
    }

    /// The names of all variables that a script of that use case can read, with those of `event`.
    pub fn root_names(&self, use_case: UseCase, event: Option<&str>) -> Vec<String> {
        let mut names: Vec<String> = self.reads(use_case).map(str::to_owned).collect();
        if let Some(event) = event.and_then(|event| self.event(event)) {
            names.extend(event.variables.keys().cloned());
            for (prefix, root) in &event.prefixes {
                let fields = self.roots.get(root).into_iter().flat_map(|root| root.fields.keys());
                names.extend(fields.map(|field| format!("{prefix}{field}")));
            }
        }
        names
    }

    /// The use cases whose scripts can read the variable `name` whatever fires them.
    pub fn readers(&self, name: &str) -> Vec<UseCase> {
        UseCase::ALL.into_iter().filter(|use_case| self.reads(*use_case).any(|root| root == name)).collect()
    }

    /// The events that bring the variable `name` with them, besides the use case's.
    pub fn events_with(&self, name: &str) -> Vec<&str> {
        let brings = |event: &Event| {
            event.variables.contains_key(name)
                || event.prefixes.iter().any(|(prefix, root)| {
                    name.strip_prefix(prefix.as_str())
                        .is_some_and(|field| self.roots.get(root).is_some_and(|root| root.fields.contains_key(field)))
                })
        };
        self.events().filter(|(_, event)| brings(event)).map(|(name, _)| name).collect()
    }

    fn reads(&self, use_case: UseCase) -> impl Iterator<Item = &str> {
        self.use_cases.get(&use_case).into_iter().flat_map(|data| data.reads.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_complete() {
        let catalogue = Catalogue::builtin();
        for use_case in UseCase::ALL {
            assert!(catalogue.events_of(use_case).count() >= 2, "{use_case}");
            for root in catalogue.root_names(use_case, Some(super::super::ACTION)) {
                assert!(catalogue.root(use_case, Some(super::super::ACTION), &root).is_some(), "{use_case}: {root}");
            }
        }
        assert_eq!(catalogue.events().count(), 14);
        for (name, event) in catalogue.events() {
            assert!(
                event.use_cases.iter().any(|u| name.starts_with(u.name())) || name == super::super::ACTION,
                "{name}"
            );
        }
    }

    #[test]
    fn the_published_fields_are_marked_so() {
        for (use_case, names) in [
            (
                UseCase::Contact,
                "id name first_name last_name membership_no sponsor_id company_ids tag_ids identity_no phone_number \
                 birth_months age",
            ),
            (
                UseCase::Ticket,
                "subject content status status_memo priority contact_id handler_id sponsor_id termination_code_id \
                 sub_category_id due_at created_at",
            ),
        ] {
            let root = Catalogue::builtin().root(use_case, None, use_case.name()).expect("a root");
            let published: Vec<&str> = root
                .fields
                .iter()
                .filter(|(_, field)| field.source == Origin::Published)
                .map(|(name, _)| name.as_str())
                .collect();
            let mut expected: Vec<&str> = names.split(' ').collect();
            expected.sort_by_key(|name| root.fields.get_index_of(*name));
            assert_eq!(published, expected, "{use_case}");
        }
    }

    #[test]
    fn what_a_conversation_script_passes_along_comes_with_its_action_node() {
        let own: Fields = serde_yaml::from_str("order_no: {type: string, nullable: true}").expect("valid");
        let catalogue = Catalogue::builtin().with_variables(own);
        let order = catalogue.root(UseCase::Ticket, Some(super::super::ACTION), "order_no").expect("a variable");
        assert_eq!((order.source, order.nullable), (Origin::Configured, true));
        assert!(catalogue.root(UseCase::Ticket, Some("ticket.created"), "order_no").is_none());
        assert_eq!(catalogue.events_with("order_no"), [super::super::ACTION]);
        assert!(catalogue.root(UseCase::Ticket, Some(super::super::ACTION), "session_id").is_some());
    }

    #[test]
    fn names_that_people_expect_lead_to_the_platforms() {
        let ticket = Catalogue::builtin().root(UseCase::Ticket, None, "ticket").expect("a root");
        for (guess, name) in [("description", "content"), ("assignee_id", "handler_id"), ("assignee", "handlers")] {
            assert_eq!(ticket.renamed(guess).map(|(name, _)| name), Some(name));
            assert!(!ticket.fields.contains_key(guess), "{guess}");
        }
        assert!(ticket.renamed("content").is_none());
    }

    #[test]
    fn a_use_case_reads_its_own_root_and_the_linked_contact() {
        let catalogue = Catalogue::builtin();
        for (use_case, event, name, readable) in [
            (UseCase::Contact, None, "contact", true),
            (UseCase::Contact, None, "ticket", false),
            (UseCase::Ticket, None, "contact", true),
            (UseCase::Conversation, None, "contact", true),
            (UseCase::File, None, "contact", true),
            (UseCase::Employee, None, "contact", false),
            (UseCase::Contact, None, "queue", false),
            (UseCase::Contact, Some("contact.created"), "session_id", false),
            (UseCase::Contact, Some("conversation_script.action"), "session_id", true),
            (UseCase::Contact, Some("conversation_script.action"), "contact_first_name", true),
            (UseCase::Contact, Some("conversation_script.action"), "contact_frist_name", false),
            (UseCase::Contact, Some("no.such"), "contact", true),
        ] {
            assert_eq!(catalogue.root(use_case, event, name).is_some(), readable, "{use_case} {event:?} {name}");
        }
        assert_eq!(catalogue.readers("contact").len(), 4);
        assert_eq!(catalogue.readers("ticket"), [UseCase::Ticket]);
        assert_eq!(catalogue.events_with("page"), ["conversation_script.action"]);
        assert_eq!(catalogue.events_with("contact_age"), ["conversation_script.action"]);
    }

    #[test]
    fn a_customers_fields_come_on_top() {
        let own: IndexMap<String, Fields> =
            serde_yaml::from_str("contact: {loyalty_level: {type: string, nullable: true}, age: {type: string}}")
                .expect("valid");
        let catalogue = Catalogue::builtin().extended(own);
        let contact = catalogue.root(UseCase::Ticket, None, "contact").expect("contact");
        assert_eq!(contact.fields["loyalty_level"].source, Origin::Configured);
        assert_eq!(contact.fields["age"].ty, Type::String);
        assert_eq!(contact.fields["first_name"].source, Origin::Published);
    }
}
