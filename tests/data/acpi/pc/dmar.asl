/* SPDX-License-Identifier: BSD-2-Clause */
/* A unit of the graphics, one that is switched off, one for the rest; a region of firmware. */

Signature : "DMAR"    [DMA Remapping table]
Table Length : 000000A8
Revision : 01
Checksum : 00
Oem ID : "RINGFN"
Oem Table ID : "TESTS   "
Oem Revision : 00000001
Asl Compiler ID : "RING"
Asl Compiler Revision : 00000001

Host Address Width : 26
Flags : 01
Reserved : 00 00 00 00 00 00 00 00 00 00

Subtable Type : 0000 [Hardware Unit Definition]
Length : 0018
Flags : 00
Reserved : 00
PCI Segment Number : 0000
Register Base Address : 00000000FED90000

Device Scope Type : 01 [PCI Endpoint Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 00
PCI Bus Number : 00

PCI Path : 02,00

Subtable Type : 0000 [Hardware Unit Definition]
Length : 0018
Flags : 00
Reserved : 00
PCI Segment Number : 0000
Register Base Address : 0000000000000000

Device Scope Type : 01 [PCI Endpoint Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 00
PCI Bus Number : 00

PCI Path : 14,00

Subtable Type : 0000 [Hardware Unit Definition]
Length : 0028
Flags : 01
Reserved : 00
PCI Segment Number : 0000
Register Base Address : 00000000FED91000

Device Scope Type : 03 [IOAPIC Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 02
PCI Bus Number : F0

PCI Path : 1F,00

Device Scope Type : 04 [Message-capable HPET Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 00
PCI Bus Number : 00

PCI Path : 1F,00

Device Scope Type : 02 [PCI Bridge Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 00
PCI Bus Number : 00

PCI Path : 1C,00

Subtable Type : 0001 [Reserved Memory Region]
Length : 0020

Reserved : 0000
PCI Segment Number : 0000
Base Address : 000000007B800000
End Address (limit) : 000000007FFFFFFF

Device Scope Type : 01 [PCI Endpoint Device]
Entry Length : 08
Reserved : 0000
Enumeration ID : 00
PCI Bus Number : 00

PCI Path : 02,00
