/* SPDX-License-Identifier: BSD-2-Clause */

Signature : "MCFG"    [Memory Mapped Configuration table]
Table Length : 0000004C
Revision : 01
Checksum : 00
Oem ID : "RINGFN"
Oem Table ID : "TESTS   "
Oem Revision : 00000001
Asl Compiler ID : "RING"
Asl Compiler Revision : 00000001

Reserved : 0000000000000000

Base Address : 0000004010000000
Segment Group Number : 0000
Start Bus Number : 00
End Bus Number : FF
Reserved : 00000000

Base Address : 0000004020000000
Segment Group Number : 0001
Start Bus Number : 00
End Bus Number : 1F
Reserved : 00000000
