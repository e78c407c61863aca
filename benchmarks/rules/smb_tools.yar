rule Bench_Smb_Placeholders
{
    strings:
        $t = "__TREEID__PLACEHOLDER__" fullword ascii
        $u = "__USERID__PLACEHOLDER__" fullword ascii
        $r = "__TREEPATH_REPLACE__" fullword ascii
    condition:
        2 of them
}

rule Bench_Smb_Probe
{
    strings:
        $trans2 = { FF 53 4D 42 32 00 00 00 00 18 07 C0 [8-40] FF FE 00 0? ( 41 | 42 ) 00 }
        $echo = { FF 53 4D 42 33 00 00 00 00 18 07 C0 00 [0-16] 08 FF FE 00 08 }
        $session = { 00 00 00 31 FF 53 4D 42 2B 00 00 00 00 18 07 C0 4A 6C 4A 6D }
    condition:
        any of them
}

rule Bench_Smb_Exploit_Options
{
    strings:
        $n = "Eternalblue" ascii wide nocase
        $o1 = "VerifyBackdoor" fullword ascii
        $o2 = "MaxExploitAttempts" fullword ascii
        $o3 = "GroomAllocations" fullword ascii
    condition:
        $n and 2 of ($o*)
}

rule Bench_Smb_Exploit_Configuration
{
    strings:
        $head = "<t:config xmlns:t=\"urn:trch\"" ascii
        $name = /name="(Eternal|Double)(blue|pulsar|romance)"/ nocase
    condition:
        filesize < 200KB and all of them
}

rule Bench_Shellcode_Hash_Loop
{
    strings:
        $x86 = { 60 89 E5 31 C0 64 8B 50 30 8B 52 0C 8B 52 14 8B 72 28 0F B7 4A 26 }
        $x64 = { FC 48 83 E4 F0 E8 [4] 41 51 41 50 52 51 56 48 31 D2 65 48 8B 52 60 }
        $ror = { C1 CF 0D 01 C7 49 75 }
    condition:
        $x86 or $x64 or ($ror and uint16(0) == 0x5A4D and filesize < 64KB)
}
