-- SPDX-License-Identifier: ISC
-- x410.lua - let tshark decode the P1 APDUs of X.410 mode, which by itself it
-- gives up on (tshark 4.0: "can't get spdu type from session dissector")
--
-- tshark -X lua_script:x410.lua -d tcp.port==PORT,x410
--
-- Each TSDU that is one P-DATA is taken for a whole APDU: send without
-- checkpoints.  What else is said on the connection is passed over.
local x410 = Proto("x410", "P1 in X.410 mode")
local HEADER = 7 + 4 -- TPKT and DT, then GT and DT of session

local function tpkt_length(tvb, _, offset)
	return tvb(offset + 2, 2):uint()
end

local function tpkt(tvb, pinfo, tree)
	if tvb:len() > HEADER and tvb(4, 3):uint() == 0x02f080 and
	    tvb(7, 4):uint() == 0x01000100 then
		DissectorTable.get("ber.syntax"):try("P1 Message",
		    tvb(HEADER):tvb(), pinfo, tree)
	end
	return tvb:len()
end

function x410.dissector(tvb, _, tree)
	dissect_tcp_pdus(tvb, tree, 4, tpkt_length, tpkt)
	return tvb:len()
end

DissectorTable.get("tcp.port"):add_for_decode_as(x410)
