//! Graphs of what leads to what, such as services by way of events.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::{DiGraphMap, NodeTrait};

/// Edges that searches for the cycles of one graph follow together, a second or two. Only where thousands of nodes hang together in
/// many cycles is it ever used up; who has broken those that were found sees the others next.
pub const MOST_STEPS: usize = 10_000_000;

/// The parts of a graph within which each node leads to each other one, or to itself: every cycle lies in one of them, and every
/// node of one lies on a cycle. Parts and nodes come in their order; the time grows with the number of edges.
pub fn cyclic<N: NodeTrait>(edges: impl IntoIterator<Item = (N, N)>) -> Vec<Vec<N>> {
    let graph: DiGraphMap<N, ()> = DiGraphMap::from_edges(edges);
    let is_cyclic = |part: &Vec<N>| match part[..] {
        [one] => graph.contains_edge(one, one),
        _ => true,
    };
    let mut parts: Vec<Vec<N>> = kosaraju_scc(&graph).into_iter().filter(is_cyclic).collect();
    parts.iter_mut().for_each(|part| part.sort_unstable());
    parts.sort_unstable();
    parts
}

/// The most that the nodes on one way weigh together. Those that lead to each other count as one, with the weight of all.
pub fn heaviest(weights: &[usize], edges: impl IntoIterator<Item = (usize, usize)>) -> usize {
    let mut graph: DiGraphMap<usize, ()> = DiGraphMap::from_edges(edges);
    for node in 0..weights.len() {
        graph.add_node(node);
    }
    // What each part weighs with the heaviest way that leads out of it. Parts come after those that they lead to.
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut most = 0;
    for part in kosaraju_scc(&graph) {
        let own: usize = part.iter().filter_map(|node| weights.get(*node)).sum();
        let next = part.iter().flat_map(|node| graph.neighbors(*node));
        let next = next.filter_map(|node| from.get(&node)).max();
        let weight = own.saturating_add(next.copied().unwrap_or_default());
        from.extend(part.iter().map(|node| (*node, weight)));
        most = most.max(weight);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_way_is_found() {
        assert_eq!(heaviest(&[], []), 0);
        assert_eq!(heaviest(&[3, 5], []), 5);
        let edges = [(0, 1), (1, 2), (0, 3), (3, 2)];
        assert_eq!(heaviest(&[1, 1, 1, 7], edges), 9);
        // 1 and 2 lead to each other.
        assert_eq!(
            heaviest(&[1, 2, 4, 8], [(0, 1), (1, 2), (2, 1), (2, 3)]),
            15
        );
    }

    #[test]
    fn what_only_leads_to_or_from_a_cycle_is_in_none() {
        let edges = [
            (9, 1),
            (1, 2),
            (2, 3),
            (3, 1),
            (3, 4),
            (4, 5),
            (5, 6),
            (6, 5),
            (6, 7),
            (8, 8),
        ];
        assert_eq!(cyclic(edges), [vec![1, 2, 3], vec![5, 6], vec![8]]);
        assert!(cyclic([(1, 2), (2, 3), (1, 3)]).is_empty());
    }

    #[test]
    fn a_long_way_round_needs_no_deep_stack() {
        let long = 200_000;
        let ring = (0..long).map(|at| (at, (at + 1) % long));
        assert_eq!(cyclic(ring).concat().len(), long);
    }
}
