//! Graphs of what leads to what, such as services by way of events.

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

#[cfg(test)]
mod tests {
    use super::*;

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
