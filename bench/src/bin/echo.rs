//! Copies standard input to standard output: what a static program costs that does nothing.

use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let (mut stdin, mut stdout) = (io::stdin().lock(), io::stdout().lock());
    let mut piece = [0u8; 32 << 10];
    loop {
        match stdin.read(&mut piece)? {
            0 => return stdout.flush(),
            n => stdout.write_all(&piece[..n])?,
        }
    }
}
