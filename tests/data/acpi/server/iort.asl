/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMUv3 for the lower half of segment 0 and an MMU-401 for a quarter, whose maps overlap by one
 * id; segment 1 goes around both. */

Signature : "IORT"    [IO Remapping Table]
Table Length : 00000184
Revision : 00
Checksum : 00
Oem ID : "RINGFN"
Oem Table ID : "TESTS   "
Oem Revision : 00000001
Asl Compiler ID : "RING"
Asl Compiler Revision : 00000001

Node Count : 00000005
Node Offset : 00000030
Reserved : 00000000

Type : 00
Length : 0018
Revision : 00
Reserved : 00000000
Mapping Count : 00000000
Mapping Offset : 00000000

ItsCount : 00000001
Identifiers : 00000000

Type : 04
Length : 0058
Revision : 01
Reserved : 00000000
Mapping Count : 00000001
Mapping Offset : 00000044

Base Address : 0000000009050000
Flags (decoded below) : 00000001
                             COHACC Override : 1
                               HTTU Override : 0
                      Proximity Domain Valid : 0
Reserved : 00000000
VATOS Address : 0000000000000000
Model : 00000000
Event GSIV : 0000006A
PRI GSIV : 0000006B
GERR GSIV : 0000006D
Sync GSIV : 0000006C
Proximity Domain : 00000000
Device ID Mapping Index : 00000000

Input base : 00000000
ID Count : 0000FFFF
Output Base : 00010000
Output Reference : 00000030
Flags (decoded below) : 00000000
                              Single Mapping : 0

Type : 03
Length : 0060
Revision : 00
Reserved : 00000000
Mapping Count : 00000001
Mapping Offset : 0000004C

Base Address : 00000000E0A00000
Span : 0000000000010000
Model : 00000004
Flags (decoded below) : 00000002
                               DVM Supported : 0
                               Coherent Walk : 1
Global Interrupt Offset : 0000003C
Context Interrupt Count : 00000000
Context Interrupt Offset : 00000000
PMU Interrupt Count : 00000000
PMU Interrupt Offset : 00000000

NSgIrpt : 0000014D
NSgIrpt Flags (decoded below) : 00000000
                              Edge Triggered : 0
NSgCfgIrpt : 0000014D
NSgCfgIrpt Flags (decoded below) : 00000000
                              Edge Triggered : 0

Input base : 00000000
ID Count : 0000FFFF
Output Base : 00020000
Output Reference : 00000030
Flags (decoded below) : 00000000
                              Single Mapping : 0

Type : 02
Length : 004C
Revision : 01
Reserved : 00000000
Mapping Count : 00000002
Mapping Offset : 00000024

Memory Properties : [IORT Memory Access Properties]
Cache Coherency : 00000001
Hints (decoded below) : 00
                                   Transient : 0
                              Write Allocate : 0
                               Read Allocate : 0
                                    Override : 0
Reserved : 0000
Memory Flags (decoded below) : 03
                                   Coherency : 1
                            Device Attribute : 1
ATS Attribute : 00000000
PCI Segment Number : 00000000
Memory Size Limit : 28
Reserved : 000000

Input base : 00000000
ID Count : 00008000
Output Base : 00000000
Output Reference : 00000048
Flags (decoded below) : 00000000
                              Single Mapping : 0

Input base : 00008000
ID Count : 00003FFF
Output Base : 00000000
Output Reference : 000000A0
Flags (decoded below) : 00000000
                              Single Mapping : 0

Type : 02
Length : 0038
Revision : 01
Reserved : 00000000
Mapping Count : 00000001
Mapping Offset : 00000024

Memory Properties : [IORT Memory Access Properties]
Cache Coherency : 00000001
Hints (decoded below) : 00
                                   Transient : 0
                              Write Allocate : 0
                               Read Allocate : 0
                                    Override : 0
Reserved : 0000
Memory Flags (decoded below) : 03
                                   Coherency : 1
                            Device Attribute : 1
ATS Attribute : 00000000
PCI Segment Number : 00000001
Memory Size Limit : 00
Reserved : 000000

Input base : 00000000
ID Count : 0000FFFF
Output Base : 00030000
Output Reference : 00000030
Flags (decoded below) : 00000000
                              Single Mapping : 0
