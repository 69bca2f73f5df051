//! What the kernel can do so that nobody else reads a process's memory. All of the workspace's `unsafe` is here.
//!
//! [`process`] first, before anything secret is held; [`Page`] for what is held.

#![cfg(unix)]

use std::io::{Error, Result};
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use zeroize::Zeroize;

/// From here on this process leaves no core file, and on Linux no other process of the same user reads its memory, its
/// environment or its open files. Root still can, but for what lies in [`Protection::Secret`] memory.
///
/// # Errors
/// The kernel refuses: hold nothing secret then.
pub fn process() -> Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        if dumpable_behavior()? != DumpableBehavior::NotDumpable {
            return Err(Error::other("the process can still be dumped"));
        }
    }
    Ok(())
}

/// From here on this process, and what it becomes, leaves no core file: for programs that are handed a value and protect nothing
/// themselves. Their users' debuggers and the like go on as ever.
///
/// # Errors
/// The kernel refuses.
pub fn leave_no_core() -> Result<()> {
    // One byte: nothing fits, and Linux runs no program of `core_pattern` for it either, which a limit of nothing does not
    // keep it from (fs/coredump.c).
    let none = u64::from(cfg!(target_os = "linux"));
    // Where it is nothing already, nobody may raise it.
    let none = getrlimit(Resource::Core).maximum.map_or(none, |most| most.min(none));
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(none), maximum: Some(none) })?)
}

/// Closes whatever was open when this process began, but standard input, output and error: a process that stays must not keep
/// what is its starter's. To be called first, before this process opens anything itself.
///
/// # Errors
/// The kernel refuses, and does not say what is open.
pub fn close_what_is_inherited() -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: takes numbers alone; nothing in this process owns one of those descriptors yet.
        if unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) } == 0 {
            return Ok(());
        }
    }
    close_listed()
}

/// Without close_range (Linux 5.9).
fn close_listed() -> Result<()> {
    let listed = std::fs::read_dir("/dev/fd")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // Collected: the list is itself a descriptor, which is gone then.
    let listed: Vec<libc::c_int> = listed.filter(|fd| *fd > 2).collect();
    for fd in listed {
        // SAFETY: as above; a number that is not open any more is an error and nothing else.
        unsafe { libc::close(fd) };
    }
    Ok(())
}

/// How well a page is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// The kernel would not lock it: it could come into the swap.
    Unlocked,
    /// Locked in memory, out of core files, empty in a child.
    Locked,
    /// Nobody else can map it or read it, the kernel included (`memfd_secret`, Linux 5.14).
    Secret,
}

/// A few bytes on pages of their own, wiped when they go.
pub struct Page {
    start: NonNull<u8>,
    mapped: usize,
    used: usize,
    protection: Protection,
}

// SAFETY: the mapping belongs to the value alone and is not tied to a thread.
unsafe impl Send for Page {}
// SAFETY: shared access only reads.
unsafe impl Sync for Page {}

impl Page {
    /// Copies the bytes there. The copy that is given is the caller's to wipe.
    ///
    /// # Errors
    /// There is no memory.
    pub fn holding(bytes: &[u8]) -> Result<Self> {
        let mapped = bytes.len().max(1).next_multiple_of(rustix::param::page_size());
        let (start, protection) = match secret(mapped) {
            Some(start) => (start, Protection::Secret),
            None => ordinary(mapped)?,
        };
        // SAFETY: the mapping is at least as long, writable, and nobody else's.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        Ok(Self { start, mapped, used: bytes.len(), protection })
    }

    /// What is held.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: written in `holding`, never moved, unmapped only when the value goes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.used) }
    }

    /// How well it is kept.
    pub fn protection(&self) -> Protection {
        self.protection
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, whole, and used by nobody after this.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.as_ptr(), self.used).zeroize();
            let _ = rustix::mm::munmap(self.start.as_ptr().cast(), self.mapped);
        }
    }
}

#[cfg(target_os = "linux")]
fn secret(length: usize) -> Option<NonNull<u8>> {
    use std::os::fd::{FromRawFd, OwnedFd};
    // SAFETY: takes flags alone, gives a new descriptor or -1.
    let made = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let made = i32::try_from(made).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the descriptor is new, so nobody else owns it.
    let file = unsafe { OwnedFd::from_raw_fd(made) };
    rustix::fs::ftruncate(&file, length as u64).ok()?;
    // SAFETY: a new mapping; no memory of ours is touched.
    let start = unsafe {
        rustix::mm::mmap(std::ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &file, 0)
    };
    // A child keeps no copy.
    let start = NonNull::new(start.ok()?.cast::<u8>())?;
    // SAFETY: the whole of that mapping.
    let _ = unsafe { rustix::mm::madvise(start.as_ptr().cast(), length, rustix::mm::Advice::LinuxDontFork) };
    Some(start)
}

#[cfg(not(target_os = "linux"))]
fn secret(_: usize) -> Option<NonNull<u8>> {
    None
}

fn ordinary(length: usize) -> Result<(NonNull<u8>, Protection)> {
    // SAFETY: a new mapping; no memory of ours is touched.
    let start = unsafe {
        rustix::mm::mmap_anonymous(std::ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
    }?;
    // SAFETY: the whole of that mapping, for all three.
    let locked = unsafe { rustix::mm::mlock(start, length) }.is_ok();
    #[cfg(target_os = "linux")]
    for advice in [rustix::mm::Advice::LinuxDontDump, rustix::mm::Advice::LinuxWipeOnFork] {
        // SAFETY: as above.
        let _ = unsafe { rustix::mm::madvise(start, length, advice) };
    }
    let start = NonNull::new(start.cast()).ok_or_else(|| Error::other("a mapping at nothing"))?;
    Ok((start, if locked { Protection::Locked } else { Protection::Unlocked }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_was_given() {
        for length in [0, 1, 4096, 4097] {
            let bytes = vec![7; length];
            let page = Page::holding(&bytes).expect("memory");
            assert_eq!(page.bytes(), bytes);
            assert!(page.protection() > Protection::Unlocked);
        }
    }

    #[test]
    fn an_ordinary_page_is_locked() {
        let (start, protection) = ordinary(4096).expect("memory");
        assert!(protection == Protection::Locked);
        #[cfg(target_os = "linux")]
        for (flag, what) in [("lo", "locked"), ("dd", "left out of core files"), ("wf", "empty in a child")] {
            assert!(flags(start.as_ptr() as usize).split(' ').any(|has| has == flag), "not {what}");
        }
        drop(Page { start, mapped: 4096, used: 4096, protection });
    }

    /// What the kernel says of the mapping around an address (proc(5), `VmFlags`).
    #[cfg(target_os = "linux")]
    fn flags(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").expect("mappings");
        let is_start = |line: &&str| {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let range = range.map(|(start, end)| (usize::from_str_radix(start, 16), usize::from_str_radix(end, 16)));
            matches!(range, Some((Ok(start), Ok(end))) if (start..end).contains(&address))
        };
        let flags = maps.lines().skip_while(|line| !is_start(line)).find_map(|line| line.strip_prefix("VmFlags: "));
        flags.expect("a mapping").to_owned()
    }

    /// What a child of this process finds at a place, if anything is there: the kernel copies it out for the child, which would
    /// end if it touched memory that is not there.
    #[cfg(target_os = "linux")]
    fn in_a_child(place: &[u8]) -> Option<Vec<u8>> {
        use std::io::Read;
        use std::os::fd::AsRawFd;
        let (mut from, to) = std::io::pipe().expect("a pipe");
        // SAFETY: the child calls nothing but what may be called after a fork beside other threads (signal-safety(7)), and does
        // not return.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: as above; where nothing is mapped, write(2) says so.
            unsafe {
                let wrote = libc::write(to.as_raw_fd(), place.as_ptr().cast(), place.len());
                libc::_exit(i32::from(wrote < 0));
            }
        }
        assert!(child > 0, "no child");
        drop(to);
        let mut found = Vec::new();
        from.read_to_end(&mut found).expect("a pipe");
        let mut status = 0;
        // SAFETY: a child of ours, and a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert!(libc::WIFEXITED(status), "it ended by a signal");
        (libc::WEXITSTATUS(status) == 0).then_some(found)
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_has_none_of_it() {
        let bytes = *b"made-up";
        let (start, protection) = ordinary(4096).expect("memory");
        // SAFETY: the mapping is longer, writable, and nobody else's.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(&bytes).cast(), bytes.len()) };
        let ordinary = Page { start, mapped: 4096, used: bytes.len(), protection };
        let page = Page::holding(&bytes).expect("memory");
        assert_eq!(in_a_child(&bytes), Some(bytes.to_vec()), "so that the test could fail");
        let empty = Some(vec![0; bytes.len()]);
        assert_eq!(in_a_child(ordinary.bytes()), empty);
        assert_eq!(in_a_child(page.bytes()), if page.protection() == Protection::Secret { None } else { empty });
    }

    /// In a process of its own: the test's others have files open.
    #[test]
    fn what_is_inherited_is_closed_with_close_range_and_without() {
        const CHILD: &str = "STANCH_TEST_CLOSES";
        let own = std::env::current_exe().expect("a name");
        match std::env::var(CHILD).as_deref() {
            Ok("range") => close_what_is_inherited().expect("closed"),
            Ok(_) => close_listed().expect("closed"),
            Err(_) => {
                for way in ["range", "listed"] {
                    let line = format!(
                        "exec 7</dev/null; exec {} --exact {} --nocapture",
                        own.display(),
                        "tests::what_is_inherited_is_closed_with_close_range_and_without"
                    );
                    let done =
                        std::process::Command::new("sh").args(["-c", &line]).env(CHILD, way).output().expect("sh");
                    assert!(done.status.success(), "{way}: {}", String::from_utf8_lossy(&done.stderr));
                }
                return;
            }
        }
        assert!(!std::path::Path::new("/dev/fd/7").exists());
        assert!(std::path::Path::new("/dev/fd/1").exists());
    }
}
