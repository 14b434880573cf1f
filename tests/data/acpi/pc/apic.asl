/* SPDX-License-Identifier: BSD-2-Clause */

Signature : "APIC"    [Multiple APIC Description Table (MADT)]
Table Length : 0000004A
Revision : 01
Checksum : 00
Oem ID : "RINGFN"
Oem Table ID : "TESTS   "
Oem Revision : 00000001
Asl Compiler ID : "RING"
Asl Compiler Revision : 00000001

Local Apic Address : FEE00000
Flags (decoded below) : 00000001
                         PC-AT Compatibility : 1

Subtable Type : 00 [Processor Local APIC]
Length : 08
Processor ID : 00
Local Apic ID : 00
Flags (decoded below) : 00000001
                           Processor Enabled : 1
                      Runtime Online Capable : 0

Subtable Type : 01 [I/O APIC]
Length : 0C
I/O Apic ID : 02
Reserved : 00
Address : FEC00000
Interrupt : 00000000

Subtable Type : 02 [Interrupt Source Override]
Length : 0A
Bus : 00
Source : 09
Interrupt : 00000009
Flags (decoded below) : 000D
                                    Polarity : 1
                                Trigger Mode : 3
