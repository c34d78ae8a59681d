//! The rows that a sending adds: its campaigns, and the members of their audiences.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
    new_null_array,
};
use arrow::compute::{cast, concat_batches, take};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;
use parquet::arrow::ArrowWriter;
use sha2::{Digest, Sha256};

use super::earlier::Earlier;
use super::inputs::Place;
use super::sending::{Recorded, Sending};
use crate::error::{Error, Problem, Result, listed};
use crate::input::records::facts::Arm;
use crate::input::times::clock::Clock;
use crate::job::strategy::id_of_list;
use crate::spec::schema::{MONEY_PRECISION, MONEY_SCALE};
use crate::spec::{IdType, day_of_time, iso_time};

/// The members to add.
pub struct Members {
    rows: RecordBatch,
    /// The rows to add, ascending.
    pub kept: Vec<u32>,
    /// By row to add: the id of its campaign.
    campaigns: Vec<String>,
    /// By id of a campaign that is not recorded yet: a row of its shop.
    pub new_campaigns: BTreeMap<String, u32>,
    /// Campaigns of these rows that are recorded already.
    pub known_campaigns: Vec<String>,
    has_numbers: bool,
}

/// The most ids that a message names.
const MOST_NAMED: usize = 5;

impl Members {
    /// Chooses the rows to add: those of the treated arm to whom the list went, and the control arm of their shops; not those who were
    /// recorded before. Notes in `recorded` how many they are, and the others.
    ///
    /// # Errors
    /// [`Error::Usage`] where the list is empty, or went to nobody on it.
    pub fn of(sending: &Sending<'_>, earlier: &Earlier, recorded: &mut Recorded) -> Result<Members> {
        let rows = sending.rows.first().map(|first| concat_batches(&first.schema(), sending.rows)).transpose()?;
        let Some(rows) = rows.filter(|rows| rows.num_rows() > 0) else {
            let what = format!("the list of {} is empty: nobody was on it to whom anything could be sent", sending.list);
            return Err(Error::Usage(vec![Problem::new(sending.strategy, what)]));
        };
        let texts = |name: &str| -> Result<Vec<String>> {
            let column = rows.column_by_name(name).ok_or_else(|| Error::bug(format!("a list without {name}")))?;
            (0..rows.num_rows()).map(|row| Ok(array_value_to_string(column, row)?)).collect()
        };
        let (shops, customers, arms) = (texts("shop_id")?, texts("customer_id")?, texts("arm")?);
        let is_control = |row: usize| arms[row] == Arm::Control.name();
        let only = sending.only.map(|file| file.meant(&all(&shops), &all(&customers)));
        let names = |row: usize, only: &BTreeSet<(Option<String>, String)>| {
            only.contains(&(None, customers[row].clone())) || only.contains(&(Some(shops[row].clone()), customers[row].clone()))
        };
        let went_to = |row: usize| only.as_ref().is_none_or(|only| names(row, only));
        let sent_in: BTreeSet<&String> = (0..shops.len()).filter(|row| !is_control(*row) && went_to(*row)).map(|row| &shops[row]).collect();
        if let Some(only) = &only {
            let on_list: BTreeSet<(&str, &str)> = (0..shops.len()).map(|row| (shops[row].as_str(), customers[row].as_str())).collect();
            let known = all(&customers);
            let is_known = |shop: &Option<String>, id: &str| shop.as_ref().map_or(known.contains(id), |shop| on_list.contains(&(shop, id)));
            recorded.unknown = only.iter().filter(|(shop, id)| !is_known(shop, id)).map(|(_, id)| id.clone()).collect();
            recorded.control_sent =
                (0..shops.len()).filter(|row| is_control(*row) && names(*row, only)).map(|row| customers[row].clone()).collect();
            let mut without_shop: Vec<&String> = (0..shops.len())
                .filter(|row| !is_control(*row) && only.contains(&(None, customers[*row].clone())))
                .map(|row| &customers[row])
                .collect();
            without_shop.sort_unstable();
            let several: Vec<String> =
                without_shop.chunk_by(|a, b| a == b).filter(|rows| rows.len() > 1).map(|rows| rows[0].clone()).collect();
            if !several.is_empty() {
                let ids = listed(several.iter().cloned(), MOST_NAMED);
                let what =
                    format!("{} ids are on the lists of several shops, and nothing says from which the message came: {ids}", several.len());
                let help = "give the file a column shop_id, as `list export` writes it, or record one shop at a time with --shop";
                return Err(Error::Usage(vec![Problem::new("--only", what).help(help)]));
            }
        }
        if sent_in.is_empty() {
            let what = match &only {
                Some(only) => format!("none of its {} ids is in the treated arm of the list of {}", only.len(), sending.list),
                None => format!("the list of {} has nobody in the treated arm", sending.list),
            };
            let help = "is it the list that was sent? --snapshot names another night, and ids are those of the export";
            return Err(Error::Usage(vec![Problem::new(sending.strategy, what).help(help)]));
        }
        let id = |shop: &str| campaign_id(sending, shop, earlier.has_numbers());
        let begun: BTreeSet<&String> = earlier.sent.keys().map(|(campaign, _)| campaign).collect();
        let mut left = 0;
        let mut members = Members {
            kept: Vec::new(),
            campaigns: Vec::new(),
            new_campaigns: BTreeMap::new(),
            known_campaigns: Vec::new(),
            has_numbers: earlier.has_numbers(),
            rows: rows.clone(),
        };
        for row in (0..shops.len()).filter(|row| sent_in.contains(&shops[*row])) {
            let campaign = id(&shops[row]);
            if earlier.campaigns.contains(&campaign) {
                if !members.known_campaigns.contains(&campaign) {
                    members.known_campaigns.push(campaign.clone());
                }
            } else {
                members.new_campaigns.entry(campaign.clone()).or_insert(row as u32);
            }
            if let Some(before) = earlier.sent.get(&(campaign.clone(), customers[row].clone())) {
                let (number, first) = recorded.earlier.unwrap_or((0, *before));
                recorded.earlier = Some((number + 1, first.min(*before)));
                recorded.control += usize::from(is_control(row));
                recorded.control_before += usize::from(is_control(row));
            } else if !is_control(row) && !went_to(row) {
                recorded.not_sent += 1;
            } else {
                left += usize::from(!is_control(row) && begun.contains(&campaign));
                *(if is_control(row) { &mut recorded.control } else { &mut recorded.treated }) += 1;
                members.kept.push(row as u32);
                members.campaigns.push(campaign);
            }
        }
        if let (None, 1.., Some((_, first))) = (&only, left, recorded.earlier) {
            let first = iso_time(first);
            let first = first.get(..16).unwrap_or(&first);
            let what =
                format!("the list is recorded already, sent at {first}, and {left} of its treated arm are not: it did not reach them then");
            let help = "name those whom it reached since then with --only FILE; the control arm stays as it is";
            return Err(Error::Usage(vec![Problem::new(sending.strategy, what).help(help)]));
        }
        if !members.kept.is_empty() {
            recorded.campaigns = members.new_campaigns.keys().cloned().collect();
        }
        Ok(members)
    }

    fn ids<'a>(&self, ids: impl Iterator<Item = &'a String>) -> Result<ArrayRef> {
        if !self.has_numbers {
            return Ok(Arc::new(StringArray::from_iter_values(ids)));
        }
        Ok(Arc::new(Int64Array::from(ids.map(|id| id.parse().map_err(Error::bug)).collect::<Result<Vec<i64>>>()?)))
    }

    /// A column of these rows of the list.
    fn column(&self, name: &str, rows: Vec<u32>) -> Result<ArrayRef> {
        let column = self.rows.column_by_name(name).ok_or_else(|| Error::bug(format!("a list without {name}")))?;
        Ok(take(column, &UInt32Array::from(rows), None)?)
    }
}

/// Each of these once.
fn all(texts: &[String]) -> BTreeSet<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Ids in the type that the files of the job have; as they are where they agree with it, or cannot have it: then the job does not read them.
fn typed(ids: ArrayRef, wanted: Option<&IdType>) -> ArrayRef {
    let own = IdType::of(ids.data_type());
    let Some(wanted) = wanted.filter(|wanted| own.is_some_and(|own| !own.agrees_with(wanted))) else { return ids };
    cast(&ids, wanted.data_type()).ok().filter(|cast| cast.null_count() == ids.null_count()).unwrap_or(ids)
}

/// The id of a campaign: strategy, time of the list and shop; where the ids of the job's campaigns are numbers, one made of them.
fn campaign_id(sending: &Sending<'_>, shop: &str, as_number: bool) -> String {
    let text = id_of_list(sending.strategy, sending.list, shop);
    if !as_number {
        return text;
    }
    let first = Sha256::digest(text.as_bytes()).iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // 53 bits: a program that takes it for a float keeps all digits.
    (first >> 11).to_string()
}

/// The file of the new campaigns, each from the day of the messages on.
///
/// # Errors
/// [`Error::Bug`]: the rows are those of a list.
pub fn campaign_bytes(sending: &Sending<'_>, members: &Members, place: &Place, earlier: &Earlier) -> Result<Vec<u8>> {
    let number = members.new_campaigns.len();
    let days: ArrayRef = Arc::new(Date32Array::from(vec![day_of_time(sending.at); number]));
    let cost: ArrayRef = match (sending.cost, place.is_minor()) {
        (None, true) => new_null_array(&DataType::Int64, number),
        (Some(cost), true) => Arc::new(Int64Array::from(vec![cost; number])),
        (cost, false) => {
            let cost = vec![cost.map(i128::from); number];
            Arc::new(Decimal128Array::from(cost).with_precision_and_scale(MONEY_PRECISION, MONEY_SCALE)?)
        }
    };
    let mut columns = vec![("campaign_id", typed(members.ids(members.new_campaigns.keys())?, earlier.campaign_type.as_ref()))];
    // Files of one input have shops in all of them or in none.
    if !earlier.lacks_shops {
        let shops = members.column("shop_id", members.new_campaigns.values().copied().collect())?;
        columns.push(("shop_id", typed(shops, earlier.shop_type.as_ref())));
    }
    let name: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(sending.strategy, number)));
    columns.extend([("name", name), ("starts_on", Arc::clone(&days)), ("ends_on", days), ("cost", cost)]);
    parquet(place, columns)
}

/// The file of the members.
///
/// # Errors
/// As for [`campaign_bytes`].
pub fn audience_bytes(sending: &Sending<'_>, members: &Members, place: &Place, earlier: &Earlier) -> Result<Vec<u8>> {
    // A moment, which needs nobody to know whose clock it is.
    let moment = Clock::new(sending.job.zone.clone()).moment(sending.at).ok_or_else(|| Error::bug("a time beyond the calendar"))?;
    let sent = TimestampMicrosecondArray::from(vec![moment; members.kept.len()]).with_timezone("+00:00");
    let columns = vec![
        ("campaign_id", typed(members.ids(members.campaigns.iter())?, earlier.campaign_type.as_ref())),
        ("customer_id", typed(members.column("customer_id", members.kept.clone())?, earlier.customer_type.as_ref())),
        ("arm", members.column("arm", members.kept.clone())?),
        ("sent_at", Arc::new(sent) as ArrayRef),
    ];
    parquet(place, columns)
}

/// A Parquet file with these columns under the names that the job has for them.
fn parquet(place: &Place, columns: Vec<(&str, ArrayRef)>) -> Result<Vec<u8>> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(place.name(name), array.data_type().clone(), array.null_count() > 0)).collect();
    let schema = Arc::new(Schema::new(fields));
    let rows = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect())?;
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).map_err(Error::bug)?;
    writer.write(&rows).map_err(Error::bug)?;
    writer.close().map_err(Error::bug)?;
    Ok(bytes)
}
