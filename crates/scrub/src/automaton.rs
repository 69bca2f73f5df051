//! One anchored automaton, run by steps so that the work is counted and bounded.

use regex_automata::Anchored;
use regex_automata::dfa::{self, StartKind, dense, sparse};
use regex_automata::util::start;

/// No match is followed further than this. A longer secret is covered by growth at its end, not by its pattern.
const LONGEST: usize = 8 << 10;

/// A verified automaton of the table.
pub(crate) enum Automaton<'t> {
    /// Quick to step through.
    Dense(dense::DFA<&'t [u32]>),
    /// Small.
    Sparse(sparse::DFA<&'t [u8]>),
}

/// What a dense automaton begins with.
const DENSE: &[u8] = b"rust-regex-automata-dfa-dense";

/// Steps that a scan may still take. A hostile text could otherwise make every candidate run far and fail late.
pub(crate) struct Fuel(u64);

impl Fuel {
    /// Generous for real text (which takes less than one step a byte), small against quadratic work.
    pub fn for_text(length: usize) -> Self {
        Self(64 * length as u64 + (1 << 20))
    }

    /// Whether the scan used it all up.
    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }

    /// Counts work; saturates at nothing left.
    pub fn burn(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps as u64);
    }
}

impl<'t> Automaton<'t> {
    /// Verifies the bytes.
    pub fn new(bytes: &'t [u8]) -> Option<Self> {
        let (automaton, start) = if bytes.starts_with(DENSE) {
            let (dfa, _) = dense::DFA::from_bytes(bytes).ok()?;
            let start = dfa.start_kind();
            (Self::Dense(dfa), start)
        } else {
            let (dfa, _) = sparse::DFA::from_bytes(bytes).ok()?;
            let start = dfa.start_kind();
            (Self::Sparse(dfa), start)
        };
        matches!(start, StartKind::Anchored).then_some(automaton)
    }

    /// Where the match that starts at `start` ends.
    ///
    /// Leftmost-first, as the `regex` crate has it. Without fuel there is no match; the caller asks the fuel at the end.
    pub fn end(&self, text: &[u8], start: usize, fuel: &mut Fuel) -> Option<usize> {
        match self {
            Self::Dense(dfa) => end(dfa, text, start, fuel),
            Self::Sparse(dfa) => end(dfa, text, start, fuel),
        }
    }
}

fn end(dfa: &impl dfa::Automaton, text: &[u8], start: usize, fuel: &mut Fuel) -> Option<usize> {
    let mut state = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
    let stop = text.len().min(start + LONGEST);
    let mut end = None;
    for (i, byte) in text[start..stop].iter().enumerate() {
        state = dfa.next_state(state, *byte);
        if !dfa.is_special_state(state) {
            continue;
        }
        // A match shows one byte after its end.
        if dfa.is_match_state(state) {
            end = Some(start + i);
        } else if dfa.is_dead_state(state) {
            fuel.burn(i + 1);
            return end.filter(|_| !fuel.is_spent());
        }
    }
    fuel.burn(stop - start);
    state = dfa.next_eoi_state(state);
    if dfa.is_match_state(state) {
        end = Some(stop);
    }
    end.filter(|_| !fuel.is_spent())
}
