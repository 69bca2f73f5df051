//! Random values from a seed: the same on every machine, today and in a year.

/// A small generator (SplitMix64). Good enough to fill formats; never for keys.
pub struct Random(u64);

impl Random {
    /// A generator that repeats itself for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator for one thing, independent of what was drawn for others: adding a kind changes no other kind's values.
    pub fn named(name: &str, number: u64) -> Self {
        // FNV-1a
        let hash =
            name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Self(hash ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// A number in `least..=most`.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// One of the items.
    pub fn pick<'i, T: ?Sized>(&mut self, items: &[&'i T]) -> &'i T {
        items[self.below(items.len())]
    }

    /// `length` characters of an ASCII alphabet.
    pub fn string(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// `length` random bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.bits() as u8).collect()
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        self.string(b"0123456789abcdef", length)
    }

    /// A random (version 4) UUID.
    pub fn uuid(&mut self) -> String {
        let (a, b, c, e) = (self.hex(8), self.hex(4), self.hex(3), self.hex(12));
        let d = self.string(b"89ab", 1) + &self.hex(3);
        format!("{a}-{b}-4{c}-{d}-{e}")
    }

    /// An English-looking word of the list below.
    pub fn word(&mut self) -> &'static str {
        self.pick(WORDS)
    }
}

/// Words as they stand in code, commits and names of hosts.
const WORDS: &[&str] = &[
    "account", "adapter", "archive", "batch", "billing", "branch", "bridge", "buffer", "cache", "canvas", "chart",
    "client", "cluster", "column", "commit", "config", "context", "cursor", "dataset", "deploy", "detail", "device",
    "driver", "editor", "engine", "event", "export", "feature", "filter", "folder", "format", "gateway", "handler",
    "header", "image", "import", "index", "invoice", "journal", "kernel", "layout", "ledger", "listener", "loader",
    "market", "matrix", "member", "metric", "mirror", "module", "monitor", "network", "notice", "object", "order",
    "packet", "parser", "payment", "planner", "player", "policy", "portal", "printer", "profile", "project", "queue",
    "reader", "record", "region", "render", "report", "router", "runner", "sample", "schema", "search", "sender",
    "server", "session", "signal", "sorter", "source", "stage", "stream", "table", "target", "thread", "ticket",
    "timer", "tracker", "update", "upload", "vector", "viewer", "volume", "window", "worker", "writer",
];
