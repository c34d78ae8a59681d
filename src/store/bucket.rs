//! A bucket: what lies in it, and ranges of the bytes of its objects, many at once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt};

use super::address::{Address, Service};
use super::client::client;
use super::failure::{Failure, Kind};
use super::runtime::wait;

/// Requests of one call that are under way at once.
const AT_ONCE: usize = 16;

/// The longest range that one request asks for: longer ones come as several at once.
const LONGEST: u64 = 8 << 20;

/// How often bytes are asked for again whose answer ended before they did.
const ATTEMPTS: usize = 4;

/// An object, as its bucket lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name in the bucket.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// What the store changes whenever the bytes change.
    pub tag: Option<String>,
    /// When it was written, in microseconds since 1970.
    pub modified: i64,
}

impl Object {
    fn of(meta: ObjectMeta) -> Object {
        let ObjectMeta { location, last_modified, size, e_tag, .. } = meta;
        Object { key: location.to_string(), bytes: size, tag: e_tag, modified: last_modified.timestamp_micros() }
    }

    /// What is different of the object of that name now; `None` if nothing is.
    pub fn difference(&self, now: &Object) -> Option<&'static str> {
        match now {
            now if now.bytes != self.bytes => Some("it has another size"),
            now if now.tag != self.tag || self.tag.is_none() && now.modified != self.modified => Some("it was written"),
            _ => None,
        }
    }
}

/// A bucket with its client.
pub struct Bucket {
    service: Service,
    name: String,
    client: Arc<dyn ObjectStore>,
}

impl std::fmt::Debug for Bucket {
    /// The name alone: the client knows credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.service.scheme(), self.name)
    }
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Bucket) -> bool {
        (self.service, &self.name) == (other.service, &other.name)
    }
}

impl Eq for Bucket {}

/// Buckets by kind of store and name.
type Buckets = BTreeMap<(Service, String), Arc<Bucket>>;

/// Those that were opened, whose connections all inputs share.
static OPENED: OnceLock<Mutex<Buckets>> = OnceLock::new();

impl Bucket {
    /// The bucket of an address. Asks the store for nothing.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn open(address: &Address) -> Result<Arc<Bucket>, Failure> {
        let opened = OPENED.get_or_init(Mutex::default);
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address.service, address.bucket.clone());
        if let Some(bucket) = opened.get(&key) {
            return Ok(Arc::clone(bucket));
        }
        let failed = |cause: String| Failure::other(Kind::Settings, address.service, &address.bucket, cause);
        // Within the runtime: clients start tasks there.
        let client = wait(async { client(address.service, &address.bucket, &|name| std::env::var(name).ok()) }).map_err(&failed)?;
        // What the crate says of settings may repeat them.
        let client = client.map_err(|_| failed(String::new()))?;
        let bucket = Arc::new(Bucket { service: address.service, name: address.bucket.clone(), client });
        opened.insert(key, Arc::clone(&bucket));
        Ok(bucket)
    }

    /// The bucket's name in messages: `s3://name`.
    pub fn shown(&self) -> String {
        format!("{self:?}")
    }

    fn failure(&self, error: &object_store::Error) -> Failure {
        Failure::of(self.service, &self.name, error)
    }

    fn path(&self, key: &str) -> Result<Path, Failure> {
        Path::parse(key.trim_end_matches('/')).map_err(|cause| Failure::other(Kind::Settings, self.service, &self.name, cause.to_string()))
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        wait(work).map_err(|cause| Failure::other(Kind::Unreachable, self.service, &self.name, cause))
    }

    /// Asks again where an answer broke off: the client itself sends requests again whose answers did not begin, and asks for the rest of bytes.
    async fn again<T, A: Future<Output = object_store::Result<T>>>(&self, ask: impl Fn() -> A) -> Result<T, Failure> {
        let mut attempt = 1;
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => match self.failure(&error) {
                    Failure { kind: Kind::BrokenOff, .. } if attempt < ATTEMPTS => attempt += 1,
                    failure => return Err(failure),
                },
            }
        }
    }

    /// All objects below a folder, ascending by key.
    ///
    /// # Errors
    /// Why the store does not list them.
    pub fn list(&self, folder: &str) -> Result<Vec<Object>, Failure> {
        let path = self.path(folder)?;
        let listed = || self.client.list(Some(&path)).map_ok(Object::of).try_collect::<Vec<_>>();
        let mut objects = self.wait(self.again(listed))??;
        objects.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(objects)
    }

    /// The names of the folders and objects in a folder.
    ///
    /// # Errors
    /// Why the store does not list them.
    pub fn names(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let path = self.path(folder)?;
        let listed = self.wait(self.again(|| self.client.list_with_delimiter(Some(&path))))??;
        let folders = listed.common_prefixes.iter().filter_map(|folder| folder.filename());
        let objects = listed.objects.iter().filter_map(|object| object.location.filename());
        Ok(folders.chain(objects).map(str::to_owned).collect())
    }

    /// The objects of these keys as they are now, in the order of the keys; `None` of what is not there.
    ///
    /// # Errors
    /// Why the store says nothing of one of them.
    pub fn now(&self, keys: &[&str]) -> Result<Vec<Option<Object>>, Failure> {
        let paths = keys.iter().map(|key| self.path(key)).collect::<Result<Vec<_>, _>>()?;
        let head = |path: Path| async move {
            match self.client.head(&path).await {
                Ok(meta) => Ok(Some(Object::of(meta))),
                Err(error) => match self.failure(&error) {
                    Failure { kind: Kind::Gone, .. } => Ok(None),
                    failure => Err(failure),
                },
            }
        };
        self.wait(stream::iter(paths).map(head).buffered(AT_ONCE).try_collect())?
    }

    /// Ranges of the bytes of objects, all under way at once, in the order in which they are asked for. The bytes are those of the objects as they
    /// were listed: of others the store gives none.
    pub fn read(&self, ranges: &[(&Object, Range<u64>)]) -> Vec<Result<Bytes, Failure>> {
        let pieces = |(at, (object, range)): (usize, &(&Object, Range<u64>))| {
            let starts = (range.start..range.end).step_by(usize::try_from(LONGEST).unwrap_or(usize::MAX));
            let end = range.end;
            let object = (*object).clone();
            starts.map(move |start| (at, object.clone(), start..end.min(start + LONGEST))).collect::<Vec<_>>()
        };
        let pieces: Vec<(usize, Object, Range<u64>)> = ranges.iter().enumerate().flat_map(pieces).collect();
        let get = |(at, object, range): (usize, Object, Range<u64>)| async move { (at, self.piece(&object, range).await) };
        let got = self.wait(stream::iter(pieces).map(get).buffered(AT_ONCE).collect::<Vec<_>>());
        let got = match got {
            Ok(got) => got,
            Err(failure) => return ranges.iter().map(|_| Err(failure.clone())).collect(),
        };
        let mut parts: Vec<Vec<Result<Bytes, Failure>>> = ranges.iter().map(|_| Vec::new()).collect();
        for (at, piece) in got {
            parts.get_mut(at).into_iter().for_each(|parts| parts.push(piece.clone()));
        }
        parts.into_iter().map(joined).collect()
    }

    async fn piece(&self, object: &Object, range: Range<u64>) -> Result<Bytes, Failure> {
        let path = self.path(&object.key)?;
        let get = || async {
            let options =
                GetOptions { range: Some(GetRange::Bounded(range.clone())), if_match: object.tag.clone(), ..GetOptions::default() };
            self.client.get_opts(&path, options).await?.bytes().await
        };
        for _ in 0..ATTEMPTS {
            let bytes = self.again(get).await?;
            // Else the answer ended early, and its connection did not say so.
            if bytes.len() as u64 == range.end - range.start {
                return Ok(bytes);
            }
        }
        Err(Failure::other(Kind::Fails, self.service, &self.name, "it answers with fewer bytes than it says"))
    }
}

/// The parts of a range, joined.
fn joined(parts: Vec<Result<Bytes, Failure>>) -> Result<Bytes, Failure> {
    let mut parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
    if parts.len() == 1 {
        return Ok(parts.swap_remove(0));
    }
    let mut all = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
    parts.iter().for_each(|part| all.extend_from_slice(part));
    Ok(all.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Bucket {
        /// A bucket in memory, which addresses lead to from now on.
        pub(crate) fn in_memory(name: &str, objects: &[(&str, &[u8])]) -> Arc<Bucket> {
            let client: Arc<dyn ObjectStore> = Arc::new(object_store::memory::InMemory::new());
            for (key, bytes) in objects {
                let path = Path::parse(key).unwrap();
                wait(client.put(&path, bytes.to_vec().into())).unwrap().unwrap();
            }
            let bucket = Arc::new(Bucket { service: Service::S3, name: name.to_owned(), client });
            let opened = OPENED.get_or_init(Mutex::default);
            opened.lock().unwrap().insert((Service::S3, name.to_owned()), Arc::clone(&bucket));
            bucket
        }
    }

    #[test]
    fn ranges_come_whole_and_in_their_order() {
        let large: Vec<u8> = (0..3 * LONGEST as usize + 5).map(|at| (at % 251) as u8).collect();
        let bucket = Bucket::in_memory("ranges", &[("a/large", &large), ("a/small", b"0123456789"), ("b", b"")]);
        let objects = bucket.list("a").unwrap();
        assert_eq!(
            objects.iter().map(|object| (object.key.as_str(), object.bytes)).collect::<Vec<_>>(),
            [("a/large", large.len() as u64), ("a/small", 10)]
        );
        let (large_one, small) = (&objects[0], &objects[1]);
        let asked = [(small, 2..5), (large_one, 1..large.len() as u64), (small, 0..0), (small, 9..10)];
        let read: Vec<Bytes> = bucket.read(&asked).into_iter().map(Result::unwrap).collect();
        assert_eq!(read[0], "234");
        assert!(read[1] == large[1..]);
        assert_eq!((&read[2][..], &read[3][..]), (&b""[..], &b"9"[..]));
        assert_eq!(bucket.names("").unwrap(), ["a", "b"]);
    }

    #[test]
    fn an_object_that_was_written_anew_gives_no_bytes() {
        let bucket = Bucket::in_memory("anew", &[("a", b"one"), ("gone", b"x")]);
        let objects = bucket.list("").unwrap();
        let again = Path::parse("a").unwrap();
        wait(bucket.client.put(&again, b"two".to_vec().into())).unwrap().unwrap();
        wait(bucket.client.delete(&Path::parse("gone").unwrap())).unwrap().unwrap();
        let kinds: Vec<Kind> =
            bucket.read(&[(&objects[0], 0..3), (&objects[1], 0..1)]).into_iter().map(|read| read.unwrap_err().kind).collect();
        assert_eq!(kinds, [Kind::Changed, Kind::Gone]);
        let now = bucket.now(&["a", "gone"]).unwrap();
        assert_eq!(objects[0].difference(now[0].as_ref().unwrap()), Some("it was written"));
        assert_eq!(now[1], None);
    }

    #[test]
    fn what_a_store_writes_about_a_refusal_is_not_repeated() {
        let body = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIAKEY\
                    </AWSAccessKeyId><StringToSign>s3cret</StringToSign></Error>";
        let error = object_store::Error::PermissionDenied { path: "a".to_owned(), source: body.into() };
        let failure = Failure::of(Service::S3, "shop", &error);
        assert_eq!((failure.kind, failure.cause.as_str()), (Kind::Denied, "403 SignatureDoesNotMatch"));
        let shown = failure.problem("job.yaml:3:5").to_string();
        assert!(
            !shown.contains("AKIAKEY") && !shown.contains("s3cret") && !format!("{bucket:?}", bucket = failure).contains("s3cret"),
            "{shown}"
        );
        let error =
            object_store::Error::Generic { store: "S3", source: "status code: 404: <Error><Code>NoSuchBucket</Code></Error>".into() };
        assert_eq!(Failure::of(Service::S3, "shop", &error).kind, Kind::NoBucket);
    }
}
