//! The bytes of a record worked out by hand, and lines read as they were written.

use super::*;

const TEXT_CUSTOMERS: TextIds = TextIds { customer: true, order: false, line: false };

fn key(id: i64) -> Id<'static> {
    Id::Integer(crate::spec::IdType::key(id))
}

/// Order 1000, line 1002 of customer 鱼: placed at 1,700,000,000 s, changed 5 s before, paid 60 s after, shipped an hour after,
/// completed four days after.
fn example() -> Line<'static> {
    let created = 1_700_000_000;
    Line {
        file: 1,
        row: 70_000,
        shop: 5,
        shop_hash: 0,
        order: key(1_000),
        line: Some(key(1_002)),
        customer: Some(Id::Text("鱼")),
        is_anonymous: false,
        modified: (created - 5) * SECOND,
        created: created * SECOND,
        paid: (created + 60) * SECOND,
        shipped: (created + 3_600) * SECOND,
        completed: (created / 86_400 + 4) * DAY_MICROSECONDS,
        placed_amount: 9_900,
        paid_amount: 9_800,
        refunded: 0,
        quantity: 3,
        category: 7,
        channel: 300,
        province: 2,
        item: 9,
        promotion: 0,
        discount: NO_MONEY,
        alias: NO_ALIAS,
        title: NO_VALUE,
        is_closed: true,
        awaited: Awaited::Shipping,
    }
}

fn written(line: &Line<'_>) -> Vec<u8> {
    let mut room = [0; MOST];
    let customer = line.customer.unwrap_or(line.order);
    let numbers = write(line, customer, &mut room);
    let mut bytes = room[..numbers].to_vec();
    for id in [Some(customer), Some(line.order), line.line] {
        if let Some(Id::Text(text)) = id {
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

fn read_back(line: &Line<'_>, text: TextIds) -> (Row, Vec<u8>) {
    let mut bytes = written(line);
    let (length, mut at) = (bytes.len(), 0);
    bytes.resize(length + PADDING, 0);
    let row = read(&bytes, &mut at, text).unwrap().0;
    assert_eq!(at, length);
    (row, bytes)
}

#[test]
fn a_record_of_version_6_has_these_bytes() {
    assert_eq!(VERSION, 6);
    let expected = [
        // Lengths of the numbers 0 to 15, two in a byte, the first of them below.
        [0x21, 0x41, 0x11, 0x12, 0x12, 0x20, 0x13, 0x73].as_slice(),
        &[3],                                        // customer: a text of 3 bytes
        &[0xe8, 0x03],                               // order 1000 = 0x3e8
        &[4],                                        // line: 2 more, zigzag 4
        &[0x00, 0xf1, 0x53, 0x65],                   // created: 1,700,000,000 = 0x6553f100
        &[10],                                       // modified: 1 + zigzag(-5) = 1 + 9
        &[121],                                      // paid: 1 + zigzag(60)
        &[0x21, 0x1c],                               // shipped: 1 + zigzag(3,600) = 7,201 = 0x1c21
        &[9],                                        // completed: 1 + zigzag(4)
        &[0xac, 0x26],                               // placed amount: 9,900 = 0x26ac
        &[199],                                      // paid amount: zigzag(-100)
        &[],                                         // refunded: 0
        &[0b0010_0011, 1], // quantity: zigzag(2) = 4, then waits to be shipped, nothing further, not anonymous, closed, seconds
        &[0x70, 0x11, 0x01], // row: 70,000 = 0x11170
        &[5],              // shop
        &[0x07, 0x00, 0x09], // category 7, item 9
        &[0x2c, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01], // channel 300 = 0x12c, province 2, file 1
        "鱼".as_bytes(),
    ];
    assert_eq!(written(&example()), expected.concat());
}

#[test]
fn a_promotion_follows_the_numbers_of_a_line_that_has_one() {
    let plain = written(&example());
    let fish = "鱼".len();
    // What stands between the numbers and the text.
    let with = |promotion: u32, discount: i64| {
        let promoted = written(&Line { promotion, discount, ..example() });
        promoted[plain.len() - fish..promoted.len() - fish].to_vec()
    };
    // Promotion 300 = 0x12c; 15.00 are 1,500, and one more is 1,501 = 0x5dd. Nothing off is a 1, and not known a 0.
    assert_eq!(with(300, 1_500), [0x22, 0x2c, 0x01, 0xdd, 0x05]);
    assert_eq!(with(2, 0), [0x11, 2, 1]);
    assert_eq!(with(2, NO_MONEY), [0x01, 2]);
    assert_eq!(with(0, 254), [0x10, 255]);
    for (promotion, discount) in [(300, 1_500), (0, 0), (u16::MAX.into(), NO_MONEY), (u16::MAX.into(), i64::MAX / 2)] {
        let line = Line { promotion, discount, quantity: u32::MAX, ..example() };
        let (row, bytes) = read_back(&line, TEXT_CUSTOMERS);
        assert_eq!((u32::from(row.promotion), row.discount, row.quantity), (promotion, discount, u32::MAX));
        assert_eq!((text_at(&bytes, row.customer), row.is_closed, row.is_anonymous), ("鱼".as_bytes(), true, false));
    }
    let (row, _) = read_back(&example(), TEXT_CUSTOMERS);
    assert_eq!((row.promotion, row.discount, row.alias), (0, NO_MONEY, NO_ALIAS));
}

#[test]
fn an_alias_follows_the_promotion_of_a_line_that_has_one() {
    let plain = written(&example());
    let fish = "鱼".len();
    let with = |promotion: u32, discount: i64, alias: u32| {
        let linked = written(&Line { promotion, discount, alias, ..example() });
        linked[plain.len() - fish..linked.len() - fish].to_vec()
    };
    // 70,000 = 0x11170 in four bytes; before it as above.
    assert_eq!(with(0, NO_MONEY, 70_000), [0x08, 0x70, 0x11, 0x01, 0x00]);
    assert_eq!(with(300, 1_500, 1), [0x2a, 0x2c, 0x01, 0xdd, 0x05, 0x01, 0x00, 0x00, 0x00]);
    for (promotion, discount, alias) in [(0, NO_MONEY, 0), (u16::MAX.into(), i64::MAX / 2, NO_ALIAS - 1), (7, NO_MONEY, 5)] {
        let (row, bytes) = read_back(&Line { promotion, discount, alias, ..example() }, TEXT_CUSTOMERS);
        assert_eq!((u32::from(row.promotion), row.discount, row.alias), (promotion, discount, alias));
        assert_eq!(text_at(&bytes, row.customer), "鱼".as_bytes());
    }
}

#[test]
fn a_title_follows_all_else_of_a_line_that_has_one() {
    let plain = written(&example());
    let fish = "鱼".len();
    let with = |promotion: u32, alias: u32, title: u32| {
        let titled = written(&Line { promotion, alias, title, ..example() });
        titled[plain.len() - fish..titled.len() - fish].to_vec()
    };
    // 70,000 = 0x11170 in four bytes; bit 2 says that a title follows, bit 3 that an alias does.
    assert_eq!(with(0, NO_ALIAS, 70_000), [0x04, 0x70, 0x11, 0x01, 0x00]);
    assert_eq!(with(300, 1, 2), [0x0e, 0x2c, 0x01, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00]);
    for (promotion, alias, title) in [(0, NO_ALIAS, 5), (u16::MAX.into(), NO_ALIAS - 1, u32::MAX), (7, 0, NO_VALUE)] {
        let mut bytes = written(&Line { promotion, alias, title, ..example() });
        let (length, mut at) = (bytes.len(), 0);
        bytes.resize(length + PADDING, 0);
        let (row, found) = read(&bytes, &mut at, TEXT_CUSTOMERS).unwrap();
        assert_eq!((u32::from(row.promotion), row.alias, found, at), (promotion, alias, title, length));
    }
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let (row, bytes) = read_back(&example(), TEXT_CUSTOMERS);
    assert_eq!(text_at(&bytes, row.customer), "鱼".as_bytes());
    let signed = crate::spec::IdType::signed;
    assert_eq!((signed(row.order), signed(row.line)), (1_000, 1_002));
    assert_eq!([row.modified, row.created, row.paid].map(|time| time / SECOND), [1_699_999_995, 1_700_000_000, 1_700_000_060]);
    // 1,700,000,000 s is day 19,675.
    assert_eq!((row.shipped, row.completed), (1_700_003_600, 19_679));
    assert_eq!((row.placed_amount, row.paid_amount, row.refunded, row.quantity), (9_900, 9_800, 0, 3));
    assert_eq!((row.file, row.row, row.shop, row.category, row.item), (1, 70_000, 5, 7, 9));
    assert_eq!((row.channel, row.province, row.is_closed, row.is_anonymous, row.awaited), (300, 2, true, false, Awaited::Shipping));
    let nobody = Line { customer: Some(Id::Text("")), is_anonymous: true, is_closed: false, awaited: Awaited::Completion, ..example() };
    let (row, bytes) = read_back(&nobody, TEXT_CUSTOMERS);
    assert_eq!((text_at(&bytes, row.customer), row.quantity, row.is_closed, row.is_anonymous), (&b""[..], 3, false, true));
    assert_eq!(row.awaited, Awaited::Completion);
}

#[test]
fn what_is_missing_and_what_is_large_is_read_as_it_was_written() {
    let line = Line {
        file: u32::MAX,
        row: u32::MAX,
        shop: u32::MAX,
        order: Id::Text("o-1"),
        line: Some(Id::Text("l")),
        customer: None,
        // Not a whole second: all times are microseconds.
        modified: NO_TIME,
        created: 1_700_000_000_000_001,
        paid: NO_TIME,
        shipped: NO_TIME,
        completed: NO_TIME,
        placed_amount: i64::MAX / 2,
        paid_amount: 0,
        refunded: i64::MAX / 2,
        quantity: 0,
        category: u32::MAX,
        channel: u16::MAX.into(),
        province: u16::MAX.into(),
        item: u32::MAX,
        is_closed: false,
        ..example()
    };
    let (row, bytes) = read_back(&line, TextIds { customer: true, order: true, line: true });
    assert_eq!([row.customer, row.order, row.line].map(|place| text_at(&bytes, place)), ["o-1", "o-1", "l"].map(str::as_bytes));
    assert_eq!((row.modified, row.created, row.paid), (NO_TIME, 1_700_000_000_000_001, NO_TIME));
    assert_eq!((row.shipped, row.completed), (NOT_SHIPPED, NOT_COMPLETED));
    assert_eq!((row.placed_amount, row.paid_amount, row.refunded, row.quantity), (i64::MAX / 2, 0, i64::MAX / 2, 0));
    assert_eq!((row.file, row.row, row.shop, row.category, row.item), (u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX));
    assert_eq!((row.channel, row.province, row.is_closed), (u16::MAX, u16::MAX, false));
    // Without lines the order is the line.
    let (row, _) = read_back(&Line { order: key(-8), line: None, customer: Some(key(0)), ..example() }, TextIds::default());
    assert_eq!([row.customer, row.order, row.line].map(crate::spec::IdType::signed), [0, -8, -8]);
}
