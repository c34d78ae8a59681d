//! The memory limit of a run: that of the command line, else half of the memory of the machine or its container.

use std::fs;
use std::path::Path;

/// The lowest limit: the program, its threads and the row group that is decoded need this much.
const LEAST: u64 = 32 << 20;

const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// A size such as `8GiB`, `1.5GiB` or `500MB`, in bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let found = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim_end(), *bytes)));
    let (number, unit) = found.ok_or("a number and a unit are expected: 8GiB, 1.5GiB, 500MB")?;
    let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| is_plain).ok_or_else(|| format!("`{number}` is not a number"))?;
    let bytes = (number * unit as f64) as u64;
    if bytes < LEAST { Err(format!("at least {} MiB are needed", LEAST >> 20)) } else { Ok(bytes) }
}

/// Half of the memory of the machine, or of the container if that has less; no limit if the system does not report its memory.
pub fn default_limit() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    let machine = total.map(|kibibytes| kibibytes << 10);
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = container_limits(&groups, Path::new("/sys/fs/cgroup"));
    machine.into_iter().chain(limits).min().map_or(u64::MAX, |bytes| (bytes / 2).max(LEAST))
}

/// The limits of the control groups (versions 1 and 2) of a process, including those of the enclosing groups.
fn container_limits(groups: &str, root: &Path) -> Vec<u64> {
    let mut limits = Vec::new();
    for group in groups.lines() {
        let mut parts = group.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let (folder, file) = match controllers {
            "" => (root.to_owned(), "memory.max"),
            controllers if controllers.split(',').any(|controller| controller == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let innermost = folder.join(path.trim_start_matches('/'));
        let enclosing = innermost.ancestors().take_while(|ancestor| ancestor.starts_with(&folder));
        // `max` means no limit; it does not parse as a number and is skipped.
        limits.extend(enclosing.filter_map(|ancestor| fs::read_to_string(ancestor.join(file)).ok()?.trim().parse::<u64>().ok()));
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(size("8GiB"), Ok(8 << 30));
        assert_eq!(size("1.5 GiB"), Ok(3 << 29));
        assert_eq!(size("500MB"), Ok(500_000_000));
        assert_eq!(size("33554432B"), Ok(32 << 20));
        for wrong in ["", "8", "GiB", "-1GiB", "1e3GiB", "infGiB", "8 gigabytes", "31MiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_limits_of_all_enclosing_groups_are_found() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("shop/nightly/memory.max", "max\n");
        write("shop/memory.max", "4294967296\n");
        write("memory/docker/ab/memory.limit_in_bytes", "1073741824\n");
        assert_eq!(container_limits("0::/shop/nightly\n", root.path()), [4 << 30]);
        assert_eq!(container_limits("12:cpu,cpuacct:/x\n5:memory:/docker/ab\n", root.path()), [1 << 30]);
        assert_eq!(container_limits("", root.path()), [] as [u64; 0]);
    }
}
