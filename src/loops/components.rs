//! Which nodes of a graph reach each other: Tarjan's strongly connected components, without recursion.

/// For each of `count` nodes, a node of its component, the same for all in it. `next` gives the nodes that a node leads to.
pub(super) fn components<I: Iterator<Item = usize>>(count: usize, next: impl Fn(usize) -> I) -> Vec<usize> {
    let mut search =
        Search { order: vec![None; count], low: vec![0; count], open: Vec::new(), component: vec![None; count] };
    let mut entered = 0;
    for root in 0..count {
        if search.order[root].is_some() {
            continue;
        }
        let mut path = vec![(root, next(root))];
        search.enter(root, &mut entered);
        while let Some((node, nodes)) = path.last_mut() {
            let node = *node;
            match nodes.find(|other| search.component[*other].is_none()) {
                Some(other) => match search.order[other] {
                    Some(order) => search.low[node] = search.low[node].min(order),
                    None => {
                        search.enter(other, &mut entered);
                        path.push((other, next(other)));
                    }
                },
                None => {
                    path.pop();
                    search.leave(node);
                    if let Some((before, _)) = path.last() {
                        search.low[*before] = search.low[*before].min(search.low[node]);
                    }
                }
            }
        }
    }
    search.component.into_iter().enumerate().map(|(node, component)| component.unwrap_or(node)).collect()
}

struct Search {
    /// The order in which each node was entered, from 0.
    order: Vec<Option<usize>>,
    /// The first node in that order that a node leads back to.
    low: Vec<usize>,
    /// Nodes that were entered and whose component is not complete.
    open: Vec<usize>,
    component: Vec<Option<usize>>,
}

impl Search {
    fn enter(&mut self, node: usize, entered: &mut usize) {
        self.order[node] = Some(*entered);
        self.low[node] = *entered;
        self.open.push(node);
        *entered += 1;
    }

    /// Called when all successors of a node were visited: if it leads back to no earlier node, its component is complete.
    fn leave(&mut self, node: usize) {
        if self.order[node] != Some(self.low[node]) {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.component[member] = Some(node);
            if member == node {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn nodes_that_reach_each_other_are_together() {
        type Lists = &'static [&'static [usize]];
        let cases: &[(Lists, Lists)] = &[
            (&[], &[]),
            (&[&[1], &[2], &[]], &[&[0], &[1], &[2]]),
            (&[&[1], &[2], &[0]], &[&[0, 1, 2]]),
            (&[&[1, 3], &[0], &[0], &[4], &[3, 5], &[]], &[&[0, 1], &[2], &[3, 4], &[5]]),
            (&[&[0, 1], &[2], &[3], &[1]], &[&[0], &[1, 2, 3]]),
        ];
        for (graph, expected) in cases {
            let component = components(graph.len(), |node| graph[node].iter().copied());
            for together in *expected {
                let members: Vec<usize> =
                    (0..graph.len()).filter(|&node| component[node] == component[together[0]]).collect();
                assert_eq!(members, *together, "{graph:?}");
            }
        }
    }

    #[test]
    fn a_long_way_needs_no_stack() {
        let count = 200_000;
        let component = components(count, |node| std::iter::once((node + 1) % count));
        assert!(component.iter().all(|other| *other == component[0]));
    }
}
