#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::*;
use crate::{Audit, Entry, Grant, Refusal, Use};

/// A log in a folder of its own.
struct Log {
    home: tempfile::TempDir,
    place: Place,
}

impl Log {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let place = Place { log: home.path().join("state/audit"), key: home.path().join("config/audit.key") };
        Self { home, place }
    }

    /// Records of these lengths, more or less, in files of some 2 KB.
    fn of(lengths: &[usize]) -> Self {
        let log = Self::new();
        log.add(lengths);
        log
    }

    fn add(&self, lengths: &[usize]) {
        let audit = Audit::open(&self.place).unwrap().closing_at(2000);
        for length in lengths {
            let why = "w".repeat(*length);
            let _ = audit.record(&Entry { why: Some(&why), ..Entry::of(Refusal) }).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.log.join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// The files of the log, without the head.
    fn files(&self) -> Vec<String> {
        let names =
            fs::read_dir(&self.place.log).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".jsonl")).collect();
        names.sort();
        names
    }

    fn verify(&self) -> (Summary, Vec<Finding>) {
        self.expecting(None)
    }

    fn expecting(&self, expected: Option<Hash>) -> (Summary, Vec<Finding>) {
        let mut found = Vec::new();
        let summary = verify(&self.place, expected, &mut |finding| found.push(finding.clone())).unwrap();
        assert_eq!(summary.is_whole, found.iter().all(|finding| !finding.what.is_wrong()));
        (summary, found)
    }

    /// What is found, as `place: what`.
    fn said(&self) -> Vec<What> {
        self.verify().1.into_iter().map(|finding| finding.what).collect()
    }
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_log_is_whole_as_it_was_written() {
    let log = Log::new();
    assert_eq!(log.verify(), (Summary { is_whole: true, ..Summary::default() }, vec![]));
    log.add(&[100; 30]);
    log.add(&[1; 3]);
    let (summary, found) = log.verify();
    assert!(found.is_empty() && summary.is_whole && summary.files > 3, "{found:?} {summary:?}");
    // The first one says that the log begins.
    assert_eq!(summary.records, 34);
    assert_eq!(summary.last.unwrap().0, 34);
    assert_eq!(log.expecting(summary.last.map(|last| last.1)).1, []);
}

#[test]
fn a_record_names_itself() {
    let log = Log::new();
    let audit = Audit::open(&log.place).unwrap();
    let first = audit.record(&Entry::of(Grant)).unwrap();
    let second = audit.record(&Entry::of(Use)).unwrap();
    assert_eq!((first.number(), second.number()), (2, 3));
    assert_eq!(log.verify().0.last, Some((3, second.hash())));
    assert!(log.expecting(Some(first.hash())).0.is_whole);
}

#[test]
fn what_is_wrong_is_said_and_where() {
    let of = || Log::of(&[10; 5]);
    let change = |log: &Log, how: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut all = lines(&log.read("000001.jsonl"));
        how(&mut all);
        log.write("000001.jsonl", all.concat());
        log.verify().1.into_iter().map(|found| (found.line, found.what)).collect::<Vec<_>>()
    };
    let found = change(&of(), &|all| all[2][50] ^= 1);
    assert_eq!(found, [(Some(3), What::Changed { lines: 1 })]);
    let found = change(&of(), &|all| drop(all.remove(2)));
    assert_eq!(found, [(Some(3), What::Missing { first: 3, last: 3, changed: 0 })]);
    let found = change(&of(), &|all| all.swap(2, 3));
    let swapped = (Some(3), What::Missing { first: 3, last: 3, changed: 0 });
    assert_eq!(found, [swapped, (Some(4), What::OutOfOrder { record: 3, last: 4 })]);
    let found = change(&of(), &|all| all.insert(2, all[1].clone()));
    assert_eq!(found, [(Some(3), What::OutOfOrder { record: 2, last: 2 })]);
    let found = change(&of(), &|all| all.insert(2, b"{\"n\":3}\n".to_vec()));
    assert_eq!(found, [(Some(3), What::Changed { lines: 1 })]);
    let found = change(&of(), &|all| all.truncate(4));
    assert_eq!(found, [(None, What::Cut { said: 6, last: 4 })]);
    let found = change(&of(), &|all| all.drain(..2).for_each(drop));
    assert_eq!(found, [(Some(1), What::Missing { first: 1, last: 2, changed: 0 })]);
    let found = change(&of(), &|all| all.clear());
    assert_eq!(found.last(), Some(&(None, What::NoLog)));
}

#[test]
fn an_end_that_was_put_back_with_its_head_is_found_by_a_hash_kept_elsewhere() {
    let log = Log::of(&[10; 3]);
    let (file, head) = (log.read("000001.jsonl"), log.read("head"));
    log.add(&[10; 2]);
    let kept = log.verify().0.last.map(|last| last.1);
    assert!(log.expecting(kept).0.is_whole);
    log.write("000001.jsonl", file);
    log.write("head", head);
    // This is what cannot be found from the log alone.
    assert!(log.verify().0.is_whole);
    let (summary, found) = log.expecting(kept);
    assert!(!summary.is_whole && found[0].what == What::NotExpected, "{found:?}");
}

#[test]
fn a_log_or_a_part_of_it_that_was_taken_away_is_missed() {
    let log = Log::of(&[100; 30]);
    let files = log.files();
    assert!(files.len() > 3, "{files:?}");
    for name in &files {
        let bytes = log.read(name);
        fs::remove_file(log.path(name)).unwrap();
        assert!(!log.verify().0.is_whole, "{name}");
        log.write(name, bytes);
        private(&log.path(name));
        assert!(log.verify().0.is_whole);
    }
    let hidden = [&files[1], &files[2]].map(|name| (name, log.read(name)));
    hidden.iter().for_each(|(name, _)| fs::remove_file(log.path(name)).unwrap());
    let found = log.verify().1;
    assert_eq!(found[0], Finding { file: files[1].clone(), line: None, what: What::NoFile { files: 2 } });
    assert!(matches!(found[1].what, What::Missing { changed: 0, .. }) && found.len() == 2, "{found:?}");
    for (name, bytes) in hidden {
        log.write(name, bytes);
        private(&log.path(name));
    }
    fs::remove_file(log.path("head")).unwrap();
    assert_eq!(log.said(), [What::NoHead]);
    // A writer goes on, and the doubt stays on record.
    log.add(&[1]);
    assert_eq!(log.said(), [What::WasHeadless]);

    fs::remove_dir_all(&log.place.log).unwrap();
    assert_eq!(log.said(), [What::NoLog]);
    log.add(&[1]);
    assert_eq!(log.said(), [What::Begun]);
}

#[test]
fn a_writer_goes_on_behind_a_cut_and_the_gap_stays() {
    let log = Log::of(&[10; 5]);
    let all = lines(&log.read("000001.jsonl"));
    log.write("000001.jsonl", all[..3].concat());
    log.add(&[1]);
    assert_eq!(log.said(), [What::WasCut, What::Missing { first: 4, last: 6, changed: 0 }]);
    // In the middle of a line, and with the file itself.
    let log = Log::of(&[10; 5]);
    log.write("000001.jsonl", &all.concat()[..all[..4].concat().len() - 7]);
    log.add(&[1]);
    assert!(log.said().contains(&What::WasCut));
    let log = Log::of(&[10; 5]);
    fs::remove_file(log.path("000001.jsonl")).unwrap();
    log.add(&[1]);
    assert!(log.said().contains(&What::WasCut));
}

#[test]
fn what_somebody_wrote_behind_the_end_stays_on_record() {
    let log = Log::of(&[10; 5]);
    let whole = log.read("000001.jsonl");
    log.write("000001.jsonl", [&whole, b"something\n".as_slice()].concat());
    assert_eq!(log.said(), [What::Changed { lines: 1 }]);
    log.add(&[1]);
    assert_eq!(log.said(), [What::WasForeign, What::Changed { lines: 1 }]);
    let without = String::from_utf8(log.read("000001.jsonl")).unwrap().replace("something\n", "");
    log.write("000001.jsonl", without);
    assert_eq!(log.said(), [What::WasForeign]);
}

#[test]
fn a_log_without_its_key_or_with_another_is_not_written() {
    let log = Log::of(&[10; 5]);
    let open = || Audit::open(&log.place).map(|_| ()).unwrap_err();
    let other = Log::of(&[1]);
    fs::copy(&other.place.key, &log.place.key).unwrap();
    assert!(matches!(open(), Error::OtherKey { .. }), "{}", open());
    assert_eq!(log.said().last(), Some(&What::OtherKey));
    fs::write(&log.place.key, "short").unwrap();
    assert!(matches!(open(), Error::KeyDamaged(_)), "{}", open());
    fs::remove_file(&log.place.key).unwrap();
    assert!(matches!(open(), Error::KeyGone { .. }), "{}", open());
    assert!(matches!(verify(&log.place, None, &mut |_| {}), Err(Error::KeyGone { .. })));
    assert_eq!(lines(&log.read("000001.jsonl")).len(), 6);
}

#[test]
fn a_beginning_that_was_ended_is_gone_on_from() {
    // Between the first record and the key's place.
    let log = Log::of(&[]);
    fs::rename(&log.place.key, log.home.path().join("config/audit.key.new")).unwrap();
    log.add(&[1]);
    assert!(log.place.key.exists() && log.verify().0.is_whole);
    // In the middle of the first record.
    let first = log.read("000001.jsonl");
    let log = Log::new();
    fs::create_dir_all(log.home.path().join("config")).unwrap();
    fs::write(log.home.path().join("config/audit.key.new"), "sh").unwrap();
    private(&log.home.path().join("config/audit.key.new"));
    log.add(&[1]);
    assert!(log.verify().0.is_whole);
    assert_ne!(first, log.read("000001.jsonl"));
}

#[test]
fn a_folder_that_is_taken_away_while_it_is_written_is_missed_at_once() {
    let log = Log::new();
    let audit = Audit::open(&log.place).unwrap();
    fs::rename(&log.place.log, log.home.path().join("elsewhere")).unwrap();
    let refused = audit.record(&Entry::of(Grant)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Gone(_)), "{refused}");
    assert!(!log.place.log.exists());
}

/// So that nothing is refused for its mode.
fn private(path: &std::path::Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    let _ = path;
}

fn must_be_found(log: &Log, what: &str) -> Result<(), TestCaseError> {
    let (summary, found) = log.verify();
    prop_assert!(!summary.is_whole, "{what}: {found:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_change_is_found(
        lengths in prop::collection::vec(0usize..300, 1..24),
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        bits in 1u8..,
    ) {
        let log = Log::of(&lengths);
        prop_assert!(log.verify().0.is_whole);
        let files = log.files();
        let name = file.get(&files);
        let bytes = log.read(name);
        let all = lines(&bytes);
        let (one, two) = (at.index(all.len()), other.index(all.len()));
        let byte = at.index(bytes.len());

        let mut changed = bytes.clone();
        changed[byte] ^= bits;
        log.write(name, &changed);
        must_be_found(&log, "a byte was changed")?;
        changed[byte] = b'\n';
        if changed != bytes {
            log.write(name, &changed);
            must_be_found(&log, "a line was broken")?;
        }
        log.write(name, &bytes[..byte]);
        must_be_found(&log, "a file was cut")?;
        let mut changed = bytes.clone();
        changed.remove(byte);
        log.write(name, &changed);
        must_be_found(&log, "a byte was removed")?;
        changed = bytes.clone();
        changed.insert(byte, bits);
        log.write(name, &changed);
        must_be_found(&log, "a byte was inserted")?;

        let mut changed = all.clone();
        changed.remove(one);
        log.write(name, changed.concat());
        must_be_found(&log, "a line was removed")?;
        if one != two {
            let mut changed = all.clone();
            changed.swap(one, two);
            log.write(name, changed.concat());
            must_be_found(&log, "lines were swapped")?;
        }
        let mut changed = all.clone();
        changed.insert(two, all[one].clone());
        log.write(name, changed.concat());
        must_be_found(&log, "a line was repeated")?;
        // Of a file that was closed, too.
        if let Some(next) = files.iter().find(|next| *next > name) {
            let there = log.read(next);
            for moved in [one, all.len() - 1] {
                log.write(next, [all[moved].clone(), there.clone()].concat());
                log.write(name, [&all[..moved], &all[moved + 1..]].concat().concat());
                must_be_found(&log, "a line was moved to another file")?;
            }
            log.write(next, there);
        }
        log.write(name, &bytes);

        let head = log.read("head");
        let mut changed = head.clone();
        changed[at.index(head.len())] ^= bits;
        log.write("head", changed);
        must_be_found(&log, "the head was changed")?;
        log.write("head", &head[..at.index(head.len())]);
        must_be_found(&log, "the head was cut")?;
        log.write("head", head);
        prop_assert!(log.verify().0.is_whole);
    }

    #[test]
    fn a_writer_that_is_ended_anywhere_costs_no_record(
        lengths in prop::collection::vec(0usize..300, 1..16),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        without_head in any::<bool>(),
    ) {
        let log = Log::of(&lengths);
        let mut torn = 0;
        for cut in &cuts {
            // Ended while it wrote, once or in the middle of mending what another had left.
            let (files, head, last) = (log.files(), log.read("head"), number(log.verify().0));
            let before = files.last().map(|name| log.read(name).len()).unwrap();
            log.add(&[100]);
            let name = log.files().last().unwrap().clone();
            let bytes = log.read(&name);
            let from = if log.files().len() > files.len() { 0 } else { before };
            let to = from + cut.index(bytes.len() - from + 1);
            log.write(&name, &bytes[..to]);
            if to < bytes.len() || without_head {
                log.write("head", head);
            }
            torn += usize::from(to > from && !bytes[..to].ends_with(b"\n") && !bytes[..to].ends_with(b"\"}"));
            let (summary, found) = log.verify();
            prop_assert!(summary.is_whole && number(summary) >= last, "{found:?}");
        }
        log.add(&[1; 2]);
        let (summary, found) = log.verify();
        prop_assert!(summary.is_whole, "{found:?}");
        prop_assert!(found.iter().all(|finding| finding.what == What::Torn) && found.len() <= torn, "{found:?}");
        prop_assert!(torn == 0 || !found.is_empty());
        // What was left is kept as it was.
        let files = log.files();
        for finding in found {
            let mut all = lines(&log.read(&finding.file));
            let whole = all.concat();
            all[finding.line.unwrap() as usize - 1][0] ^= 1;
            log.write(&finding.file, all.concat());
            must_be_found(&log, "a torn line was changed")?;
            all.remove(finding.line.unwrap() as usize - 1);
            log.write(&finding.file, all.concat());
            must_be_found(&log, "a torn line was removed")?;
            log.write(&finding.file, whole);
        }
        prop_assert_eq!(files, log.files());
    }
}

fn number(summary: Summary) -> u64 {
    summary.last.map_or(0, |(number, _)| number)
}
