#!/bin/sh
# Sends the brief of a snapshot (brief.html) by mail, as HTML and as plain text.
#
#     mail_brief.sh --from 'Shop data <data@example.com>' --to 'Zhang San <zhang@example.com>' /var/lib/huitou/nightly/latest/brief.html
#
# --to can be repeated, and an address can be an address alone. The subject is the title of the page: whose it is, of which day, and what was
# paid. The mail goes to the program in SENDMAIL, by default sendmail, which postfix, exim, msmtp and others have: it reads the recipients from
# the mail (-t). --print writes the mail to standard output and sends nothing.
#
# Exit codes: 0 sent, 2 wrong arguments, 3 the page cannot be read or is none, else that of the mail program.
set -u
export LC_ALL=C

fail() {
    code=$1
    shift
    echo "mail_brief: $*" >&2
    exit "$code"
}

# Words of a header that are not ASCII, as RFC 2047 wants them: base64 in pieces of at most 42 bytes, none of which cuts a letter in two.
encoded() {
    case $1 in
        *[!\ -~]*)
            printf '%s' "$1" | awk '
                BEGIN { RS = "\001"; for (byte = 0; byte < 256; byte++) number[sprintf("%c", byte)] = byte }
                {
                    piece = ""
                    letter = ""
                    for (at = 1; at <= length($0) + 1; at++) {
                        byte = substr($0, at, 1)
                        # A byte from 0x80 to 0xBF goes on with a letter.
                        if (at > length($0) || number[byte] < 128 || number[byte] > 191) {
                            if (length(piece) + length(letter) > 42) { print piece; piece = "" }
                            piece = piece letter
                            letter = ""
                        }
                        letter = letter byte
                    }
                    print piece
                }' | {
                separator=
                while IFS= read -r piece; do
                    printf '%s=?UTF-8?B?%s?=' "$separator" "$(printf '%s' "$piece" | base64 | tr -d '\n')"
                    separator='
 '
                done
            }
            ;;
        *) printf '%s' "$1" ;;
    esac
}

# An address of a header: the name is encoded, the address itself stays.
address() {
    case $1 in
        *"
"*) fail 2 "an address has two lines: $1" ;;
        *\<*@*\>)
            name=${1%%<*}
            name=${name%"${name##*[! ]}"}
            mailbox="<${1#*<}"
            ;;
        *@*) name='' mailbox=$1 ;;
        *) fail 2 "\`$1\` is no address: expected NAME <USER@HOST> or USER@HOST" ;;
    esac
    case $mailbox in
        *[!!-~]*) fail 2 "\`$mailbox\` has letters that an address cannot have" ;;
    esac
    case $name in
        '') ;;
        # The address has a line of its own, so that none is too long.
        *[!\ -~]*) printf '%s\n ' "$(encoded "$name")" ;;
        *) printf '%s ' "$name" ;;
    esac
    printf '%s' "$mailbox"
}

# The page as text: a line for each row of a table, its cells apart.
text() {
    awk '
        BEGIN { RS = "\001" }
        {
            page = $0
            sub(/.*<body[^>]*>/, "", page)
            gsub(/\n/, "", page)
            gsub(/<\/t[hd]><t[hd][^>]*>/, " | ", page)
            gsub(/<h2[^>]*>/, "\n\n== ", page)
            gsub(/<\/h2>/, " ==\n", page)
            gsub(/<br>/, " ", page)
            gsub(/<\/(tr|p|h1|div)>/, "\n", page)
            gsub(/<[^>]*>/, "", page)
            gsub(/&nbsp;/, " ", page)
            gsub(/&lt;/, "<", page)
            gsub(/&gt;/, ">", page)
            gsub(/&quot;/, "\"", page)
            gsub(/&amp;/, "\\&", page)
            gsub(/\n \| /, "\n", page)
            gsub(/ \| \n/, "\n", page)
            gsub(/\n\n\n+/, "\n\n", page)
            print page
        }' "$1"
}

part() {
    printf -- '--%s\nContent-Type: %s; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n' "$boundary" "$1"
    base64 | tr -d '\n' | fold -w 76
    printf '\n'
}

mail() {
    printf 'From: %s\nTo: %s\nSubject: %s\n' "$from" "$to" "$(encoded "$subject")"
    printf 'MIME-Version: 1.0\nAuto-Submitted: auto-generated\nContent-Type: multipart/alternative; boundary="%s"\n\n' "$boundary"
    text "$page" | part text/plain
    part text/html <"$page"
    printf -- '--%s--\n' "$boundary"
}

from='' to='' page='' print=no
while [ $# -gt 0 ]; do
    case $1 in
        --from | --to)
            [ $# -ge 2 ] || fail 2 "expected an address after $1"
            # In a variable of its own: an error within $(…) does not end the script.
            one=$(address "$2") || exit 2
            case $1 in
                --from) from=$one ;;
                --to) to="${to:+$to,
 }$one" ;;
            esac
            shift 2
            ;;
        --print) print=yes && shift ;;
        -*) fail 2 "no option $1: expected --from, --to or --print" ;;
        *)
            [ -z "$page" ] || fail 2 "expected one page, found $page and $1"
            page=$1 && shift
            ;;
    esac
done
[ -n "$from" ] || fail 2 'expected --from and an address'
[ -n "$to" ] || fail 2 'expected --to and an address'
[ -n "$page" ] || fail 2 'expected the path of brief.html'
[ -r "$page" ] || fail 3 "$page cannot be read: does the job have output.report, and did the night go well?"

# The title stands in one line, its signs escaped.
subject=$(sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p' "$page" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g')
[ -n "$subject" ] || fail 3 "$page has no title: it is not a brief"
# Base64 has no such line.
boundary='=_huitou_brief'

if [ "$print" = yes ]; then
    mail
    exit 0
fi
sendmail=${SENDMAIL:-$(PATH=$PATH:/usr/sbin:/usr/lib command -v sendmail)} || fail 2 'no sendmail was found: install one (msmtp-mta, postfix), or set SENDMAIL to its path'
mail | "$sendmail" -i -t
