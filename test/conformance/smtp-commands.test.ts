// Each command and each extension that the server has, by the section that it stands in. docs/smtp-protocol.md names them all.
import { test } from 'node:test';
import { playSmtp } from '../support/smtp-dialogue.ts';

const greeting = 'S: 220 mx.example.com ESMTP Signpost';
const hello = `${greeting}\nC: EHLO client.example\nS* 250`;
const login = 'C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk\nS: 235 2.7.0 …';
const ours = `given submission\ngiven tls\n${hello}\n${login}`;
const mail = 'C: MAIL FROM:<a@client.example>\nS: 250 2.1.0 …';
const toBob = 'C: RCPT TO:<bob@example.com>\nS: 250 2.1.5 …';
const content = 'C: DATA\nS: 354 …\nC: Subject: x\nC: \nC: .\nS: 250 2.0.0 …';

const dialogues: Readonly<Record<string, string>> = {
  'RFC 5321 §4.1.1.1: EHLO answers with a line an extension, HELO with one line; both need a name and forget a message': `
    ${greeting}
    C: EHLO
    S: 501 5.5.4 …
    C: HELO client.example
    S: 250 mx.example.com greets client.example
    ${mail}
    C: EHLO [192.0.2.1]
    S* 250
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 …`,
  'RFC 5321 §4.1.1.2: MAIL after EHLO only, and once a message': `
    ${greeting}
    C: MAIL FROM:<a@client.example>
    S: 503 5.5.1 …
    C: EHLO client.example
    S* 250
    C: MAIL FROM:<a@client.example> X-UNKNOWN=1
    S: 555 5.5.4 …
    ${mail}
    C: MAIL FROM:<a@client.example>
    S: 503 5.5.1 …`,
  'RFC 5321 §4.1.1.3: RCPT after MAIL, each recipient with an answer of its own': `
    ${hello}
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 …
    ${mail}
    ${toBob}
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 …
    C: RCPT TO:<@relay.example,@other.example:postmaster>
    S: 501 5.1.3 …
    C: RCPT TO:<Postmaster>
    S: 250 2.1.5 …`,
  'RFC 5321 §4.1.1.4: DATA with recipients, up to the dot, which is unstuffed': `
    ${hello}
    C: DATA
    S: 503 5.5.1 …
    ${mail}
    C: DATA
    S: 554 5.5.1 …
    ${toBob}
    C: DATA
    S: 354 …
    C: Subject: x
    C: 
    C: ..
    C: .
    S: 250 2.0.0 …
    then it goes from a@client.example to bob@example.com (Inbox)`,
  'RFC 5321 §4.1.1.5: RSET forgets the message, and nothing else': `
    ${hello}
    C: RSET
    S: 250 2.0.0 …
    ${mail}
    ${toBob}
    C: RSET
    S: 250 2.0.0 …
    C: DATA
    S: 503 5.5.1 …
    ${mail}
    C: RSET now
    S: 501 5.5.4 …`,
  'RFC 5321 §4.1.1.6: VRFY tells nobody who is here (RFC 5321 §7.3), with SMTPUTF8 or without (RFC 6531 §3.7.4)': `
    ${hello}
    C: VRFY bob
    S: 252 2.0.0 Addresses are not confirmed here. Send the message, and its recipients are checked.
    C: VRFY nobody@example.com
    S: 252 2.0.0 …
    C: VRFY jörg@example.com SMTPUTF8
    S: 252 2.0.0 …
    C: VRFY
    S: 501 5.5.4 …`,
  'RFC 5321 §4.1.1.7: EXPN is not offered': `
    ${hello}
    C: EXPN list
    S: 502 5.5.1 …`,
  'RFC 5321 §4.1.1.8: HELP at any time': `
    ${greeting}
    C: HELP
    S: 214 2.0.0 Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP STARTTLS AUTH QUIT. Their manual is RFC 5321.
    C: EHLO client.example
    S* 250
    ${mail}
    C: HELP MAIL
    S: 214 2.0.0 …
    ${toBob}`,
  'RFC 5321 §4.1.1.9: NOOP changes nothing': `
    ${greeting}
    C: NOOP
    S: 250 2.0.0 …
    C: EHLO client.example
    S* 250
    ${mail}
    C: NOOP whatever you like
    S: 250 2.0.0 …
    ${toBob}
    ${content}`,
  'RFC 5321 §4.1.1.10: QUIT ends the session, and drops what is unfinished': `
    ${hello}
    ${mail}
    ${toBob}
    C: QUIT
    S: 221 2.0.0 …
    S.
    then 0 messages are stored`,
  'RFC 5321 §4.2.4: what is no command is 500, what is one that we have not is 502': `
    ${hello}
    C: FROB
    S: 500 5.5.1 …
    C: TURN
    S: 502 5.5.1 …
    C: SEND FROM:<a@client.example>
    S: 502 5.5.1 …
    C: BURL imap://x
    S: 502 5.5.1 …`,
  'RFC 3030 §2: BDAT in place of DATA, in chunks, the last with LAST': `
    ${hello}
    ${mail}
    ${toBob}
    C: BDAT 6
    C~ X: y\\r\\n
    S: 250 2.0.0 …
    C: DATA
    S: 503 5.5.1 …
    C: BDAT 0 LAST
    S: 250 2.0.0 Message…
    C: BDAT 4 LAST
    C~ RSET
    S: 503 5.5.1 …
    then it goes from a@client.example to bob@example.com (Inbox)`,
  'RFC 3030 §3: BODY=BINARYMIME by BDAT, and never by DATA': `
    ${hello}
    C: MAIL FROM:<a@client.example> BODY=BINARYMIME
    S: 250 2.1.0 …
    ${toBob}
    C: DATA
    S: 503 5.5.1 …
    C: BDAT 4 LAST
    C~ \\n\\0\\r.
    S: 250 2.0.0 Message…
    then it goes from a@client.example to bob@example.com (Inbox), binary`,
  'RFC 3207 §4: STARTTLS, after which all begins anew': `
    ${hello}
    C: STARTTLS
    S: 220 2.0.0 …
    then TLS begins
    C: MAIL FROM:<a@client.example>
    S: 503 5.5.1 …
    C: EHLO client.example
    S* 250
    C: STARTTLS
    S: 503 5.5.1 …`,
  'RFC 4954 §4: AUTH under TLS for our own users, once a session and never within a message': `
    ${ours}
    ${login.replace('235 2.7.0', '503 5.5.1')}`,
  'RFC 4954 §6: what needs a login is refused without one': `
    given submission
    given tls
    ${hello}
    C: MAIL FROM:<alice@example.com>
    S: 530 5.7.0 …`,
  'RFC 2033 §4.1: LHLO in place of EHLO, where a mail system before us delivers': `
    given lmtp
    S: 220 mx.example.com LMTP Signpost
    C: EHLO client.example
    S: 502 5.5.1 …
    C: LHLO client.example
    S* 250`,
  'RFC 2920 §3.1: PIPELINING, whose replies come in order': `
    ${hello}
    C: MAIL FROM:<a@client.example>
    C: RCPT TO:<nobody@example.com>
    C: RCPT TO:<bob@example.com>
    C: DATA
    S: 250 2.1.0 …
    S: 550 5.1.1 …
    S: 250 2.1.5 …
    S: 354 …
    C: Subject: x
    C: 
    C: .
    C: QUIT
    S: 250 2.0.0 …
    S: 221 2.0.0 …
    S.`,
  'RFC 1870 §6: SIZE at MAIL and at the end of the content': `
    given size 10
    ${hello}
    C: MAIL FROM:<a@client.example> SIZE=11
    S: 552 5.3.4 …
    C: MAIL FROM:<a@client.example> SIZE=10
    S: 250 2.1.0 …
    ${toBob}
    C: DATA
    S: 354 …
    C: Subject: more than ten
    C: 
    C: .
    S: 552 5.3.4 …`,
  'RFC 9422 §4: LIMITS RCPTMAX is what is held to': `
    given recipients 1
    ${greeting}
    C: EHLO client.example
    S: 250-mx.example.com …
    S: 250-PIPELINING
    S: 250-SIZE …
    S: 250-LIMITS RCPTMAX=1
    S* 250
    ${mail}
    ${toBob}
    C: RCPT TO:<alice@example.com>
    S: 452 4.5.3 …`,
  'RFC 6152 §3: 8BITMIME, declared and kept': `
    ${hello}
    C: MAIL FROM:<a@client.example> BODY=8BITMIME
    S: 250 2.1.0 …
    ${toBob}
    ${content}
    then it goes from a@client.example to bob@example.com (Inbox), 8-bit`,
  'RFC 6531 §3.5: SMTPUTF8 must be said where an address has letters': `
    ${hello}
    C: MAIL FROM:<jörg@client.example>
    S: 553 5.6.7 …
    ${mail}
    C: RCPT TO:<jörg@example.com>
    S: 553 5.6.7 …
    C: RSET
    S: 250 2.0.0 …
    C: MAIL FROM:<jörg@client.example> SMTPUTF8
    S: 250 2.1.0 …
    C: RCPT TO:<jörg@example.com>
    S: 250 2.1.5 …
    ${content}
    then it goes from jörg@client.example to jörg@example.com (Inbox), UTF-8`,
  'RFC 3461 §4: DSN, whose parameters are read, kept and acted on': `
    ${hello}
    C: MAIL FROM:<alice@example.com> RET=FULL ENVID=x+2By
    S: 250 2.1.0 …
    C: RCPT TO:<bob@example.com> NOTIFY=SUCCESS ORCPT=rfc822;bob@first.example
    S: 250 2.1.5 …
    C: RCPT TO:<alice@example.com> NOTIFY=NEVER,FAILURE
    S: 501 5.5.4 …
    ${content}
    then the report has Original-Envelope-Id: x+y
    then the report has Original-Recipient: rfc822; bob@first.example
    then the report has Action: delivered`,
  'RFC 2852 §4: DELIVERBY, and no time that is over where mail is to come back': `
    ${hello}
    C: MAIL FROM:<a@client.example> BY=0;R
    S: 501 5.5.4 …
    C: MAIL FROM:<a@client.example> BY=120;NT
    S: 250 2.1.0 …
    ${toBob}
    ${content}
    then it goes from a@client.example to bob@example.com (Inbox), by 120 s or notify, traced`,
  'RFC 8689 §2: REQUIRETLS under TLS only': `
    ${hello}
    C: MAIL FROM:<a@client.example> REQUIRETLS
    S: 555 5.5.4 …
    C: STARTTLS
    S: 220 2.0.0 …
    C: EHLO client.example
    S* 250
    C: MAIL FROM:<a@client.example> REQUIRETLS
    S: 250 2.1.0 …
    ${toBob}
    ${content}
    then it goes from a@client.example to bob@example.com (Inbox), TLS required`,
  'RFC 4865 §4: FUTURERELEASE for our own users, up to its bound': `
    ${ours}
    C: MAIL FROM:<alice@example.com> HOLDFOR=5184001
    S: 501 5.5.4 …
    C: MAIL FROM:<alice@example.com> HOLDFOR=60
    S: 250 2.1.0 …
    C: RCPT TO:<user@elsewhere.example>
    S: 250 2.1.5 …
    C: DATA
    S: 354 …
    C: From: alice@example.com
    C: 
    C: .
    S: 250 2.0.0 …
    then it goes from alice@example.com to user@elsewhere.example (relay), held for 60 s`,
  'RFC 6710 §4.1: MT-PRIORITY for our own users; one that is too high is lowered': `
    ${ours}
    C: MAIL FROM:<alice@example.com> MT-PRIORITY=9
    S: 250 2.3.6 …
    C: RSET
    S: 250 2.0.0 …
    C: MAIL FROM:<alice@example.com> MT-PRIORITY=-9
    S: 250 2.1.0 …`,
  'RFC 2034 §4: ENHANCEDSTATUSCODES fit their codes': `
    ${hello}
    ${mail}
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 …
    ${toBob}
    C: QUIT
    S: 221 2.0.0 …
    S.`,
};

for (const [title, text] of Object.entries(dialogues)) {
  for (const split of [false, true])
    test(`${title}${split ? ', octet by octet' : ''}`, () => playSmtp(text, split));
}
