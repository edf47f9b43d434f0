//! The structure that the names of params make.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::Value;

use super::name::{Name, Step};
use super::{JsonValues, NameStyle};

/// The structure that the names of params make. Params are known by their places in the list of names.
#[derive(Debug)]
pub struct Tree<'n> {
    root: Branch<'n>,
}

/// Two params that can't both be in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The one that comes first.
    pub first: usize,
    /// The one that conflicts with it.
    pub second: usize,
    /// Both are values, by two names of one place: `a[]` and `a[0]`. Otherwise one of them is a value where the other
    /// makes an object or a list: `a` and `a[b]`.
    pub same_place: bool,
}

impl Conflict {
    /// What to do about one.
    pub const HELP: &str =
        "rename one of them, or set `encoding: {names: flat}` in hookctl.yaml to send names as they are";

    /// What is wrong with params of these names.
    pub fn message(self, first: &str, second: &str) -> String {
        if self.same_place {
            return format!("`{first}` and `{second}` conflict: they are the same place in the body");
        }
        format!("`{first}` and `{second}` conflict: one place in the body can't be both a value and a structure")
    }
}

#[derive(Debug)]
enum Node<'n> {
    /// The params of one name, which is the second. Several are a list (assumed).
    Values(Vec<usize>, &'n str),
    Branch(Branch<'n>),
}

/// An object or a list, which PHP tells apart by the keys.
#[derive(Debug)]
struct Branch<'n> {
    entries: IndexMap<Cow<'n, str>, Node<'n>>,
    /// The index that `[]` gets: one after the highest so far.
    next: u64,
    /// The param that made it.
    first: usize,
}

impl<'n> Tree<'n> {
    /// The tree of these names.
    ///
    /// # Errors
    /// Every name that contradicts an earlier one.
    pub fn new(names: impl IntoIterator<Item = &'n str>, style: NameStyle) -> Result<Tree<'n>, Vec<Conflict>> {
        let (mut root, mut conflicts) = (Branch::new(0), Vec::new());
        for (param, name) in names.into_iter().enumerate() {
            let read = Name::read(name, style);
            let own = [Step::Key(name)];
            let steps = if read.steps().is_empty() { &own } else { read.steps() };
            conflicts.extend(root.insert(steps, name, param).err());
        }
        if conflicts.is_empty() { Ok(Tree { root }) } else { Err(conflicts) }
    }

    /// The JSON text of the object that the tree is, with these values.
    pub fn json(&self, values: &[&str], json_values: JsonValues) -> String {
        let mut text = String::new();
        self.root.write_object(&mut text, &|param| json_values.encode(values.get(param).copied().unwrap_or_default()));
        text
    }

    /// The first param of each object whose keys are all indexes, but not 0, 1, 2 … in order, so that it is not a list.
    pub fn objects_of_places(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let branches = self.root.entries.values();
        branches.for_each(|node| node.objects_of_places(&mut found));
        found
    }
}

impl<'n> Branch<'n> {
    fn new(first: usize) -> Self {
        Branch { entries: IndexMap::new(), next: 0, first }
    }

    fn insert(&mut self, steps: &[Step<'n>], name: &'n str, param: usize) -> Result<(), Conflict> {
        let Some((step, rest)) = steps.split_first() else { return Ok(()) };
        let key = match step {
            Step::Key(key) => Cow::Borrowed(*key),
            Step::Next => Cow::Owned(self.next.to_string()),
        };
        if let Some(place) = place(&key) {
            self.next = self.next.max(place.saturating_add(1));
        }
        let new = || match rest {
            [] => Node::Values(Vec::new(), name),
            _ => Node::Branch(Branch::new(param)),
        };
        let (first, same_place) = match (self.entries.entry(key).or_insert_with(new), rest) {
            (Node::Values(params, own), []) if *own == name => {
                params.push(param);
                return Ok(());
            }
            (Node::Branch(branch), [_, ..]) => return branch.insert(rest, name, param),
            (Node::Values(params, _), _) => (params.first().copied().unwrap_or_default(), rest.is_empty()),
            (Node::Branch(branch), []) => (branch.first, false),
        };
        Err(Conflict { first, second: param, same_place })
    }

    /// PHP's `array_is_list`: the keys are 0, 1, 2 … in this order.
    fn is_list(&self) -> bool {
        let places = self.entries.keys().map(|key| place(key));
        places.zip(0..).all(|(place, expected)| place == Some(expected))
    }

    fn write(&self, text: &mut String, value: &impl Fn(usize) -> String) {
        if self.is_list() {
            join(text, ('[', ']'), self.entries.values(), |text, node| node.write(text, value));
        } else {
            self.write_object(text, value);
        }
    }

    fn write_object(&self, text: &mut String, value: &impl Fn(usize) -> String) {
        join(text, ('{', '}'), &self.entries, |text, (key, node)| {
            *text += &Value::from(key.as_ref()).to_string();
            text.push(':');
            node.write(text, value);
        });
    }
}

impl Node<'_> {
    fn write(&self, text: &mut String, value: &impl Fn(usize) -> String) {
        match self {
            Node::Branch(branch) => branch.write(text, value),
            Node::Values(params, _) => match params[..] {
                [param] => *text += &value(param),
                _ => join(text, ('[', ']'), params, |text, param| *text += &value(*param)),
            },
        }
    }

    fn objects_of_places(&self, found: &mut Vec<usize>) {
        let Node::Branch(branch) = self else { return };
        if !branch.is_list() && branch.entries.keys().all(|key| place(key).is_some()) {
            found.push(branch.first);
        }
        branch.entries.values().for_each(|node| node.objects_of_places(found));
    }
}

fn join<T>(
    text: &mut String,
    around: (char, char),
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push(around.0);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(around.1);
}

/// A key that is a place in a list, as PHP sees it: a whole number without leading zeros.
fn place(key: &str) -> Option<u64> {
    let place: u64 = key.parse().ok()?;
    (place.to_string() == key).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(names: &[&str], style: NameStyle) -> Result<String, Vec<Conflict>> {
        let values: Vec<String> = (1..=names.len()).map(|value| value.to_string()).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Tree::new(names.iter().copied(), style).map(|tree| tree.json(&values, JsonValues::Json))
    }

    #[test]
    fn names_make_objects_and_lists() {
        use NameStyle::{Brackets, Dots, Flat};
        for (names, style, expected) in [
            (&["a", "b"][..], Flat, r#"{"a":1,"b":2}"#),
            (&["a", "b", "a", "a"], Flat, r#"{"a":[1,3,4],"b":2}"#),
            (&["p[x]", "p.y"], Flat, r#"{"p[x]":1,"p.y":2}"#),
            (&["p[x]", "q", "p[y][z]", "p.x"], Brackets, r#"{"p":{"x":1,"y":{"z":3}},"q":2,"p.x":4}"#),
            (&["p[]", "p[]"], Brackets, r#"{"p":[1,2]}"#),
            (&["p[0][id]", "p[0][n]", "p[1][id]"], Brackets, r#"{"p":[{"id":1,"n":2},{"id":3}]}"#),
            (&["p[][id]", "p[][id]"], Brackets, r#"{"p":[{"id":1},{"id":2}]}"#),
            (&["p[3]", "p[]"], Brackets, r#"{"p":{"3":1,"4":2}}"#),
            (&["p[1]", "p[0]"], Brackets, r#"{"p":{"1":1,"0":2}}"#),
            (&["p[x]", "p[]"], Brackets, r#"{"p":{"x":1,"0":2}}"#),
            (&["p[01]"], Brackets, r#"{"p":{"01":1}}"#),
            (&["p[x]", "p[x]"], Brackets, r#"{"p":{"x":[1,2]}}"#),
            (&["0", "1"], Brackets, r#"{"0":1,"1":2}"#),
            (&["p[x", "p[x]"], Brackets, r#"{"p[x":1,"p":{"x":2}}"#),
            (&["a\"b[c\"d]"], Brackets, r#"{"a\"b":{"c\"d":1}}"#),
            (&["p.x", "items.0.id", "items.1.id"], Dots, r#"{"p":{"x":1},"items":[{"id":2},{"id":3}]}"#),
            (&["p[x]", "p[]"], Dots, r#"{"p[x]":1,"p[]":2}"#),
            (&[], Brackets, "{}"),
        ] {
            assert_eq!(json(names, style).expect("no conflict"), expected, "{names:?}");
        }
    }

    #[test]
    fn a_value_and_an_object_contradict_each_other() {
        for (names, style, first, second) in [
            (&["x", "p", "p[x]"][..], NameStyle::Brackets, 1, 2),
            (&["p[x]", "y", "p[z]", "p"], NameStyle::Brackets, 0, 3),
            (&["p[]", "p[0][x]"], NameStyle::Brackets, 0, 1),
            (&["p[18446744073709551615][x]", "p[]"], NameStyle::Brackets, 0, 1),
            (&["p", "p", "p[]"], NameStyle::Brackets, 0, 2),
            (&["p.x.y", "p.x"], NameStyle::Dots, 0, 1),
        ] {
            assert_eq!(json(names, style), Err(vec![Conflict { first, second, same_place: false }]), "{names:?}");
            assert!(json(names, NameStyle::Flat).is_ok());
        }
        let one_place = Conflict { first: 0, second: 1, same_place: true };
        assert_eq!(json(&["a[]", "a[0]"], NameStyle::Brackets), Err(vec![one_place]));
        let all = json(&["a", "a[b]", "a[c]", "d[e]", "d"], NameStyle::Brackets).expect_err("conflicts");
        assert_eq!(all.iter().map(|conflict| conflict.second).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn places_out_of_order_are_told() {
        for (names, expected) in [
            (&["p[0]", "p[1]"][..], &[][..]),
            (&["q", "p[1]", "p[0]"], &[1]),
            (&["p[x]", "p[]"], &[]),
            (&["p[0][5]", "p[2]"], &[0, 0]),
        ] {
            let tree = Tree::new(names.iter().copied(), NameStyle::Brackets).expect("no conflict");
            assert_eq!(tree.objects_of_places(), expected, "{names:?}");
        }
    }
}
