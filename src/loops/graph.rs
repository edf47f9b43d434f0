//! The graph over all scripts of a project, and its cycles.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use super::Call;
use super::components::components;
use super::condition::Writes;
use crate::script::Script;
use crate::span::Span;

/// What the graph knows of a script.
#[derive(Debug, Clone)]
pub struct Node {
    /// The events of its automation rules.
    pub listeners: Vec<Listener>,
    /// The platform call that it makes.
    pub call: Option<Call>,
    writes: Writes,
}

/// One event of an automation rule.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Such as `contact.updated`.
    pub event: String,
    /// The event's name in the script's file.
    pub span: Span,
    /// The text of the rule's condition.
    pub when: Option<String>,
}

/// One script of a cycle, fired by the call of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The script's number in the graph.
    pub script: usize,
    /// Which of its listeners fires.
    pub listener: usize,
}

impl Node {
    /// A script's place in the graph. `api_hosts` are the hosts of the platform's API.
    pub fn of(script: &Script, api_hosts: &[String]) -> Node {
        let call = Call::of(script, api_hosts);
        let listeners: Vec<Listener> = script
            .triggers
            .iter()
            .flat_map(|trigger| {
                let when = trigger.when.as_ref().map(|when| &when.text);
                trigger.events.iter().map(move |event| Listener {
                    event: event.value.clone(),
                    span: event.span,
                    when: when.cloned(),
                })
            })
            .collect();
        let writes = call.as_ref().map(|call| Writes::of(script, call.event)).unwrap_or_default();
        Node { listeners, call, writes }
    }
}

/// Which script's call fires which script.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    nodes: &'a [Node],
    /// Script and listener, by event.
    by_event: HashMap<&'a str, Vec<Step>>,
    /// For each script, the first one whose call writes the same.
    alike: Vec<usize>,
    /// Cache of whether what a script writes makes a condition false: many scripts are alike.
    broken: RefCell<HashMap<(usize, &'a str), bool>>,
}

impl<'a> Graph<'a> {
    /// The graph of these scripts.
    pub(crate) fn new(nodes: &'a [Node]) -> Self {
        let mut by_event: HashMap<&str, Vec<Step>> = HashMap::new();
        for (script, node) in nodes.iter().enumerate() {
            for (listener, rule) in node.listeners.iter().enumerate() {
                by_event.entry(rule.event.as_str()).or_default().push(Step { script, listener });
            }
        }
        let mut first = HashMap::new();
        let alike =
            nodes.iter().enumerate().map(|(script, node)| *first.entry(&node.writes).or_insert(script)).collect();
        Graph { nodes, by_event, alike, broken: RefCell::default() }
    }

    /// The scripts that the call of `script` fires: those that listen to its event, unless what the call writes makes
    /// their condition false.
    pub(crate) fn fires(&self, script: usize) -> impl Iterator<Item = Step> + '_ {
        self.heard(script).filter(move |step| !self.breaks(script, *step))
    }

    /// The scripts that listen to what the call of `script` causes.
    fn heard(&self, script: usize) -> impl Iterator<Item = Step> + '_ {
        let event = self.nodes[script].call.as_ref().map(|call| call.event);
        event.and_then(|event| self.by_event.get(event)).into_iter().flatten().copied()
    }

    fn breaks(&self, script: usize, step: Step) -> bool {
        let Some(when) = self.nodes[step.script].listeners[step.listener].when.as_deref() else { return false };
        let mut broken = self.broken.borrow_mut();
        let makes_false = || self.nodes[script].writes.make_false(when);
        *broken.entry((self.alike[script], when)).or_insert_with(makes_false)
    }

    /// The step by which a script's own call fires it again.
    pub(crate) fn self_loop(&self, script: usize) -> Option<Step> {
        self.heard(script).find(|step| step.script == script && !self.breaks(script, *step))
    }

    /// Cycles through two scripts or more, each the shortest through its first script, together covering every script
    /// that is on one. Scripts that fire themselves are left out: they are a loop already. Each step is fired by the
    /// one before it, the first by the last.
    pub(crate) fn cycles(&self) -> Vec<Vec<Step>> {
        let looping: HashSet<usize> = (0..self.nodes.len()).filter(|&s| self.self_loop(s).is_some()).collect();
        let scripts = |script| self.fires(script).map(|step| step.script).filter(|next| !looping.contains(next));
        let component = components(self.nodes.len(), scripts);
        let mut covered = looping.clone();
        let mut cycles = Vec::new();
        for script in 0..self.nodes.len() {
            if covered.contains(&script) {
                continue;
            }
            let within = |next: usize| component[next] == component[script] && !looping.contains(&next);
            if let Some(cycle) = self.shortest_cycle(script, within) {
                covered.extend(cycle.iter().map(|step| step.script));
                cycles.push(cycle);
            }
        }
        cycles
    }

    fn shortest_cycle(&self, start: usize, within: impl Fn(usize) -> bool) -> Option<Vec<Step>> {
        let mut fired_by: HashMap<usize, (usize, Step)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(script) = queue.pop_front() {
            let next = self.heard(script).filter(|step| within(step.script));
            for step in next.filter(|step| !self.breaks(script, *step)) {
                if step.script == start {
                    return Some(path_back(&fired_by, start, script, step));
                }
                if let Entry::Vacant(entry) = fired_by.entry(step.script) {
                    entry.insert((script, step));
                    queue.push_back(step.script);
                }
            }
        }
        None
    }
}

fn path_back(fired_by: &HashMap<usize, (usize, Step)>, start: usize, last: usize, closing: Step) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut script = last;
    while let Some((before, step)) = fired_by.get(&script).filter(|_| script != start) {
        steps.push(*step);
        script = *before;
    }
    steps.reverse();
    steps.push(closing);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(listens: &[(&str, Option<&str>)], causes: &'static str, writes: &[(&str, &str)]) -> Node {
        let listeners = listens
            .iter()
            .map(|(event, when)| Listener {
                event: (*event).to_owned(),
                span: Span::default(),
                when: when.map(str::to_owned),
            })
            .collect();
        let call = Call { event: causes, span: Span::default(), host_assumed: false };
        Node { listeners, call: Some(call), writes: Writes::new(causes, writes) }
    }

    fn scripts(cycles: &[Vec<Step>]) -> Vec<Vec<usize>> {
        cycles.iter().map(|cycle| cycle.iter().map(|step| step.script).collect()).collect()
    }

    #[test]
    fn self_loops_and_what_breaks_them() {
        for (listens, writes, loops) in [
            (("contact.updated", None), vec![], true),
            (("contact.created", None), vec![], false),
            (("contact.updated", Some("contact.gender == 'x'")), vec![], true),
            (("contact.updated", Some("contact.synced != 'yes'")), vec![("synced", "yes")], false),
            (("contact.updated", Some("contact.synced != 'yes'")), vec![("synced", "no")], true),
            (("contact.updated", Some("contact.age > 1 and contact.synced != 'yes'")), vec![("synced", "yes")], false),
            (("contact.updated", Some("contact.age > 1 or contact.synced != 'yes'")), vec![("synced", "yes")], true),
            (
                ("contact.updated", Some("contact.synced != 'yes' and contact.age > 1 or\ncontact.age > 9")),
                vec![("synced", "yes")],
                true,
            ),
            (
                ("contact.updated", Some("(contact.synced != 'yes')and(contact.age > 1 or contact.vip)")),
                vec![("synced", "yes")],
                false,
            ),
            (
                ("contact.updated", Some("contact.note == 'a or b' and contact.synced != 'yes'")),
                vec![("synced", "yes")],
                false,
            ),
            (
                ("contact.updated", Some("not (contact.synced == 'yes' or contact.age > 1)")),
                vec![("synced", "yes")],
                false,
            ),
            (
                ("contact.updated", Some("contact.age > 1 ? contact.synced != 'yes' : false")),
                vec![("synced", "yes")],
                false,
            ),
            (
                ("contact.updated", Some("contact.age > 1 ? contact.synced != 'yes' : true")),
                vec![("synced", "yes")],
                true,
            ),
            (("contact.updated", Some("contact.synced is empty")), vec![("synced", "1")], false),
            (("contact.updated", Some("not contact.synced")), vec![("synced", "{{ 'YES'|lower }}")], false),
            (("contact.updated", Some("not contact.synced")), vec![("synced", "{{ contact.id }}")], true),
            (("contact.updated", Some("not (")), vec![("synced", "1")], true),
        ] {
            let nodes = [node(&[listens], "contact.updated", &writes)];
            assert_eq!(Graph::new(&nodes).self_loop(0).is_some(), loops, "{listens:?} {writes:?}");
        }
    }

    #[test]
    fn cycles_are_short_and_cover_every_script_on_one() {
        let nodes = [
            node(&[("contact.created", None)], "ticket.created", &[]),
            node(&[("ticket.created", None)], "contact.updated", &[]),
            node(&[("contact.updated", None)], "contact.created", &[]),
            node(&[("contact.created", None)], "ticket.updated", &[]),
            node(&[("ticket.created", None)], "contact.created", &[]),
        ];
        let graph = Graph::new(&nodes);
        assert_eq!(scripts(&graph.cycles()), [[4, 0].as_slice(), &[2, 0, 1]]);
    }

    #[test]
    fn many_scripts_whose_conditions_end_every_cycle_are_soon_seen_through() {
        let one =
            || node(&[("ticket.created", Some("ticket.state != 'done' and ticket.subject"))], "contact.updated", &[]);
        let other = || node(&[("contact.updated", None)], "ticket.created", &[("state", "done")]);
        let nodes: Vec<Node> = (0..400).flat_map(|_| [one(), other()]).collect();
        assert_eq!(Graph::new(&nodes).cycles(), Vec::<Vec<Step>>::new());
    }

    #[test]
    fn a_script_that_fires_itself_is_no_part_of_longer_cycles() {
        let nodes = [
            node(&[("contact.updated", None), ("ticket.updated", None)], "contact.updated", &[]),
            node(&[("contact.updated", None)], "ticket.updated", &[]),
        ];
        let graph = Graph::new(&nodes);
        assert!(graph.self_loop(0).is_some());
        assert_eq!(scripts(&graph.cycles()), Vec::<Vec<usize>>::new());
    }
}
