/*
   Exploit tools of the leak of April 2017, as 123/VNCERT-ĐPƯC names them.

   Written from public facts for triage (Apache-2.0); no rule of others is copied. meta.gate says which content a
   rule may see (pe, text, any); every rule is proven by a fake in family.toml.
*/

rule SUSP_ShadowBrokers_EchoProbe
{
    meta:
        id          = "6zT7mM56m77MV9NafV83WS"
        version     = "1.0"
        date        = "2026-11-22"
        modified    = "2026-11-22"
        status      = "RELEASED"
        sharing     = "TLP:CLEAR"
        source      = "TRIAGE"
        author      = "triage@TRIAGE"
        description = "Program that carries the SMB echo of EternalBlue with its fixed payload"
        category    = "TOOL"
        mitre_att   = "T1210"
        reference   = "ET"
        family      = "shadow-brokers"
        severity    = "suspicious"
        confidence  = "medium"
        gate        = "pe"
    strings:
        $header  = { 00 00 00 31 FF 53 4D 42 2B 00 00 00 00 18 07 C0 }
        $payload = { 4A 6C 4A 6D 49 68 43 6C 42 73 72 00 }
    condition:
        uint16(0) == 0x5A4D and filesize < 20MB and all of them
}

rule SUSP_ShadowBrokers_Configuration
{
    meta:
        id          = "1nfuMkRkXUr9vbGixhdrKw"
        version     = "1.0"
        date        = "2026-11-22"
        modified    = "2026-11-22"
        status      = "RELEASED"
        sharing     = "TLP:CLEAR"
        source      = "TRIAGE"
        author      = "triage@TRIAGE"
        description = "Configuration of an SMB exploit of the leak of April 2017, as its framework writes it beside the program"
        category    = "TOOL"
        mitre_att   = "T1210"
        reference   = "SAI, VNCERT123"
        family      = "shadow-brokers"
        severity    = "suspicious"
        confidence  = "medium"
        gate        = "text"
    strings:
        $config = "<t:config " ascii
        $space  = "xmlns:t=\"urn:trch\"" ascii
        $tool1  = "name=\"Eternalblue\"" ascii
        $tool2  = "name=\"Doublepulsar\"" ascii
        $tool3  = "name=\"Eternalromance\"" ascii
        $tool4  = "name=\"Eternalsynergy\"" ascii
        $tool5  = "name=\"Eternalchampion\"" ascii
    condition:
        filesize < 256KB and $config in (0..256) and $space in (0..512) and any of ($tool*) in (0..1024)
}

rule SUSP_ShadowBrokers_Plugin
{
    meta:
        id          = "2Y4C4RbTtjy0k3OGlFCOyj"
        version     = "1.0"
        date        = "2026-11-22"
        modified    = "2026-11-22"
        status      = "RELEASED"
        sharing     = "TLP:CLEAR"
        source      = "TRIAGE"
        author      = "triage@TRIAGE"
        description = "Exploit program of the leak of April 2017: knows itself by name and takes the options of its framework"
        category    = "TOOL"
        mitre_att   = "T1210"
        reference   = "SAI, VNCERT123"
        family      = "shadow-brokers"
        severity    = "suspicious"
        confidence  = "medium"
        gate        = "pe"
    strings:
        $opt1 = "NetworkTimeout" ascii fullword
        $opt2 = "TargetIp" ascii fullword
        $opt3 = "VerifyBackdoor" ascii fullword
        $opt4 = "MaxExploitAttempts" ascii fullword
        $opt5 = "GroomAllocations" ascii fullword
        $opt6 = "DllPayload" ascii fullword
        $opt7 = "DllOrdinal" ascii fullword
        $opt8 = "ProcessCommandLine" ascii fullword
    condition:
        uint16(0) == 0x5A4D and filesize < 2MB and
        $opt1 and $opt2 and ((2 of ($opt3, $opt4, $opt5)) or all of ($opt6, $opt7, $opt8))
}
